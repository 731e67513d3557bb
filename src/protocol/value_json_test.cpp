#include "protocol/value_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(ValueJson, IntegersAreExactAndKeysKeepTheirOrder) {
    Json value;
    value.set("z", std::int64_t{-9'007'199'254'740'993}).set("a", UINT64_MAX).set("t", "q\"\n");
    EXPECT_EQ(value.to_text(), R"({"z":-9007199254740993,"a":18446744073709551615,"t":"q\"\n"})");
    EXPECT_EQ(parse_json(value.to_text(), 1000)->find("z")->if_signed()[0], -9'007'199'254'740'993);
}

TEST(ValueJson, RefusesWhatIsTooLongTooDeepOrBroken) {
    EXPECT_FALSE(parse_json("[1,2,3]", 6));
    EXPECT_FALSE(parse_json(std::string(40, '[') + std::string(40, ']'), 1000));
    EXPECT_FALSE(parse_json("{\"a\":}", 1000));
    EXPECT_TRUE(parse_json("null", 1000)->is_null());
    EXPECT_EQ(parse_json("[1]", 10)->find("a"), nullptr);
}

// As the last words of a program, cut inside a character.
TEST(ValueJson, WhatIsNoTextBecomesADocumentThatCanBeRead) {
    Json document;
    document.set("detail", std::string("45% \xE2\x96")).set("gr\xF6", "\xFF");
    const auto read = parse_json(document.to_text(), 1000);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_NE(read->find("detail"), nullptr);
    EXPECT_EQ(*read->find("detail")->if_string(), "45% \xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_NE(read->find("gr\xEF\xBF\xBD"), nullptr);
}

}  // namespace
}  // namespace herder::protocol
