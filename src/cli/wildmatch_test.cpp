#include "cli/wildmatch.h"

#include <gtest/gtest.h>

#include <string>

namespace herder::cli {
namespace {

struct Case {
    bool matches;
    const char* text;
    const char* pattern;
};

// Cases of git's t3070-wildmatch.sh (2.39), column "wildmatch".
constexpr Case kCases[] = {
    {true, "foo", "foo"},
    {false, "foo", "bar"},
    {true, "foo", "???"},
    {false, "foo", "??"},
    {true, "foo", "*"},
    {true, "foo", "f*"},
    {false, "foo", "*f"},
    {true, "foo", "*foo*"},
    {true, "foobar", "*ob*a*r*"},
    {true, "aaaaaaabababab", "*ab"},
    {true, "foo*", "foo\\*"},
    {false, "foobar", "foo\\*bar"},
    {true, "f\\oo", "f\\\\oo"},
    {true, "ball", "*[al]?"},
    {false, "ten", "[ten]"},
    {true, "ten", "**[!te]"},
    {false, "ten", "**[!ten]"},
    {true, "ten", "t[a-g]n"},
    {false, "ten", "t[!a-g]n"},
    {true, "ton", "t[^a-g]n"},
    {true, "a]b", "a[]]b"},
    {true, "a-b", "a[]-]b"},
    {false, "aab", "a[]-]b"},
    {true, "]", "]"},
    {false, "foo/baz/bar", "foo*bar"},
    {false, "foo/baz/bar", "foo**bar"},
    {true, "foobazbar", "foo**bar"},
    {true, "foo/baz/bar", "foo/**/bar"},
    {true, "foo/bar", "foo/**/bar"},
    {true, "foo/b/a/z/bar", "foo/**/**/bar"},
    {false, "foo/bar", "foo?bar"},
    {false, "foo/bar", "foo[/]bar"},
    {false, "foo/bar", "foo[^a-z]bar"},
    {true, "foo-bar", "f[^eiu][^eiu][^eiu][^eiu][^eiu]r"},
    {true, "foo", "**/foo"},
    {true, "bar/baz/foo", "**/foo"},
    {false, "bar/baz/foo", "*/foo"},
    {true, "foo/bar/baz", "**/bar/*"},
    {false, "deep/foo/bar/baz", "**/bar/*/*"},
    {true, "deep/foo/bar/baz/x", "**/bar/*/*"},
    {true, "deep/foo/bar/baz/", "**/bar/**"},
    {false, "foo/bba/arr", "foo/*z"},
    {true, "foo/bba/arr", "foo/**"},
    {false, "foo", "foo/**"},
    {true, "a1B", "[[:alpha:]][[:digit:]][[:upper:]]"},
    {false, "a", "[[:digit:][:upper:][:space:]]"},
    {false, "1", "[[:digit:][:upper:][:spaci:]]"},
    {true, "5", "[[:xdigit:]]"},
    {false, "q", "[[:xdigit:]]"},
    {true, "\\", "[\\\\]"},
    {true, "]", "[\\]]"},
    {false, "[ab", "[[:]ab]"},
    {false, "acrt", "a[c-c]st"},
    {true, "acrt", "a[c-c]rt"},
    {false, "]", "[!]-]"},
    {true, "a", "[!]-]"},
    {false, "", "\\"},
    {false, "foo", "foo\\"},
};

TEST(Wildmatch, DecidesAsGitsOwnTestsSay) {
    for (const Case& one : kCases)
        EXPECT_EQ(wildmatch(one.pattern, one.text), one.matches) << one.pattern << " " << one.text;
}

TEST(Wildmatch, ManyStarsDoNotTakeForEver) {
    std::string pattern;
    for (int i = 0; i < 40; ++i)
        pattern += "*a";
    EXPECT_FALSE(wildmatch(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace herder::cli
