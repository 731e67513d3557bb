#include "base/confined_path.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(ConfinedPath, StaysBelow) {
    for (const char* path : {"a", "a/b.txt", ".hidden", "a/..b", "..."})
        EXPECT_TRUE(is_confined_path(path)) << path;
    for (const std::string path : {"", "/a", "..", "a/../b", "a/..", "../a"})
        EXPECT_FALSE(is_confined_path(path)) << path;
    EXPECT_FALSE(is_confined_path(std::string("a\0b", 3)));
    EXPECT_FALSE(is_confined_path(std::string(5000, 'a')));
}

TEST(ConfinedPath, LinksMayGoUpButNotOut) {
    EXPECT_TRUE(is_confined_link("a/b/link", "../c"));
    EXPECT_TRUE(is_confined_link("link", "file"));
    EXPECT_TRUE(is_confined_link("a/link", ".."));
    EXPECT_FALSE(is_confined_link("a/link", "../../c"));
    EXPECT_FALSE(is_confined_link("link", "a/../../c"));
    EXPECT_FALSE(is_confined_link("link", "/etc/passwd"));
    EXPECT_FALSE(is_confined_link("link", ""));
}

}  // namespace
}  // namespace herder
