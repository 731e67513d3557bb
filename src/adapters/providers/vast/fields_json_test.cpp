#include "adapters/providers/vast/fields_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/random.h"

namespace herder::vast {
namespace {

boost::json::object object_of(const std::string& text) {
    return boost::json::parse(text).as_object();
}

TEST(Fields, IntegersComeAsNumbersOrStrings) {
    const auto object = object_of(
        R"({"a":7,"b":7.0,"c":"7","d":" 7\n","e":7.5,"f":null,"g":"x","h":1e300,"i":true})");
    for (const char* name : {"a", "b", "c", "d"})
        EXPECT_EQ(get_integer(object, name), 7) << name;
    for (const char* name : {"e", "f", "g", "h", "i", "missing"})
        EXPECT_EQ(get_integer(object, name), std::nullopt) << name;
}

TEST(Fields, MoneyIsExactToTheMicro) {
    const auto object = object_of(
        R"({"a":0.355033,"b":"0.1712","c":37.344,"d":38421,"e":-5.25,"f":0.0000005,"g":1e17})");
    EXPECT_EQ(get_scaled(object, "a", 1'000'000), 355'033);
    EXPECT_EQ(get_scaled(object, "b", 1'000'000), 171'200);
    EXPECT_EQ(get_scaled(object, "c", 1'000'000), 37'344'000);
    EXPECT_EQ(get_scaled(object, "d", 1'000'000), 38'421'000'000);
    EXPECT_EQ(get_scaled(object, "e", 1'000'000), -5'250'000);
    EXPECT_EQ(get_scaled(object, "f", 1'000'000), 1);
    EXPECT_EQ(get_scaled(object, "g", 1'000'000), std::nullopt) << "does not fit";
}

TEST(Fields, EveryAmountSurvivesTheWayThroughJson) {
    RandomStream random(5, "money");
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t micros = random.between(-1'000'000'000'000, 1'000'000'000'000);
        const std::string text = boost::json::serialize(
            boost::json::value(boost::json::object{{"v", decimal_of_micros(micros)}}));
        ASSERT_EQ(get_scaled(object_of(text), "v", 1'000'000), micros) << text;
    }
}

TEST(Fields, TextAndTruthAreForgiving) {
    const auto object =
        object_of(R"({"s":"x","n":4,"z":null,"t":true,"one":1,"no":"false","o":{}})");
    EXPECT_EQ(get_text(object, "s"), "x");
    EXPECT_EQ(get_text(object, "n"), "4");
    EXPECT_EQ(get_text(object, "z"), "");
    EXPECT_EQ(get_text(object, "o"), "");
    EXPECT_EQ(get_bool(object, "t"), true);
    EXPECT_EQ(get_bool(object, "one"), true);
    EXPECT_EQ(get_bool(object, "no"), false);
    EXPECT_EQ(get_bool(object, "z"), std::nullopt);
    EXPECT_EQ(get_bool(object, "s"), std::nullopt);
    EXPECT_EQ(get_array(object, "s"), nullptr);
}

}  // namespace
}  // namespace herder::vast
