#include "ports/object_key.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(ObjectKey, IsTakenApartAtTheSlashes) {
    EXPECT_EQ(parse_object_key("v1/a-b/C_d.e").value(),
              (std::vector<std::string>{"v1", "a-b", "C_d.e"}));
    EXPECT_EQ(parse_object_key("a").value(), std::vector<std::string>{"a"});
}

TEST(ObjectKey, LimitsAreExact) {
    EXPECT_TRUE(parse_object_key(std::string(255, 'a')));
    EXPECT_FALSE(parse_object_key(std::string(256, 'a')));
    std::string longest;
    for (int i = 0; i < 256; ++i)
        longest += "a/";
    longest.back() = 'a';
    EXPECT_EQ(longest.size(), 512U);
    EXPECT_TRUE(parse_object_key(longest));
    EXPECT_FALSE(parse_object_key(longest + "a"));
}

TEST(ObjectKey, ErrorDoesNotRepeatTheText) {
    const auto parsed = parse_object_key("../\x1b[31m");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace herder
