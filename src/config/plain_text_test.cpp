#include "config/plain_text.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

TEST(PlainText, OrdinaryTextHasNoFlaw) {
    EXPECT_FALSE(find_text_flaw(""));
    EXPECT_FALSE(find_text_flaw("name: a\r\nrun: |\n\techo \u00fcber \u20ac \U0001F411\n"));
    EXPECT_FALSE(find_text_flaw("\xEF\xBB\xBFname: a\n"));
}

TEST(PlainText, BytesThatAreNotUtf8AreFound) {
    for (const char* bytes : {"\x8F", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
                              "\xF5\x80\x80\x80", "\xF4\x90\x80\x80", "\xC3", "\xE2\x82"}) {
        const auto flaw = find_text_flaw(bytes);
        ASSERT_TRUE(flaw) << bytes;
        EXPECT_NE(flaw->message.find("not UTF-8"), std::string::npos);
    }
}

TEST(PlainText, ControlCharactersAreFound) {
    for (const std::string_view bytes : {std::string_view("\0", 1), std::string_view("\x1B[0m"),
                                         std::string_view("\x7F"), std::string_view("\xC2\x9B")}) {
        const auto flaw = find_text_flaw(bytes);
        ASSERT_TRUE(flaw);
        EXPECT_NE(flaw->message.find("control character"), std::string::npos);
    }
}

TEST(PlainText, PlaceCountsCharactersAndLines) {
    const auto flaw = find_text_flaw("a\n\u00fc\u00fc\xFF");
    ASSERT_TRUE(flaw);
    EXPECT_EQ(flaw->line, 2);
    EXPECT_EQ(flaw->column, 3);
}

}  // namespace
}  // namespace herder::config
