#include "base/utf8.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Utf8, TellsTextFromBytes) {
    for (const char* text : {"", "plain",
                             "gr\xC3\xB6\xC3\x9F"
                             "e",
                             "\xE2\x96\x88 45%", "\xF0\x9F\x90\x91"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
        EXPECT_EQ(to_utf8(text), text);
    }
    // Latin-1, a cut character, an overlong form, half of a surrogate pair, above 10FFFF.
    for (const char* bytes :
         {"gr\xF6\xDF"
          "e",
          "45% \xE2\x96", "\x96\x88", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
        EXPECT_FALSE(is_utf8(bytes));
        EXPECT_TRUE(is_utf8(to_utf8(bytes)));
    }
}

TEST(Utf8, WhatIsNoTextIsReplacedAndTheRestStays) {
    EXPECT_EQ(to_utf8("gr\xF6\xDF"
                      "e"),
              "gr\xEF\xBF\xBD\xEF\xBF\xBD"
              "e");
    EXPECT_EQ(to_utf8("\xE2\x96"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(to_utf8("a\xC3"), "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace herder
