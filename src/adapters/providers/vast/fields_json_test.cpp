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

TEST(Fields, LinesForPeopleAreCleanAndShort) {
    const auto object = object_of(R"({"s":"  a\tb\u001b[0m \n","n":4,"z":null})");
    EXPECT_EQ(get_line(object, "s"), "a b [0m");
    EXPECT_EQ(get_line(object, "n"), "4");
    EXPECT_EQ(get_line(object, "z"), "");
    EXPECT_EQ(one_line(std::string(1'000, 'x')).size(), 256U);
    EXPECT_EQ(trimmed(" x\n"), "x");
}

TEST(Fields, RowsAreReadWholeOrNotAtAll) {
    std::vector<std::int64_t> seen;
    const auto read = [&seen](const boost::json::object& row) -> Status {
        const auto id = get_integer(row, "id");
        if (!id) return not_found("no id");
        seen.push_back(*id);
        return ok();
    };
    EXPECT_TRUE(read_rows(R"({"rows":[{"id":1},{"id":2}]})", "rows", "rows", read).has_value());
    EXPECT_TRUE(read_rows(R"([{"id":3}])", "", "rows", read).has_value());
    EXPECT_TRUE(read_rows(R"({"rows":null})", "rows", "rows", read).has_value());
    EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2, 3}));
    for (const char* body : {"", "{}", "[]", R"({"rows":{}})", R"({"rows":[7]})"})
        EXPECT_EQ(read_rows(body, "rows", "rows", read).error().code, ErrorCode::kCorrupt) << body;
    for (const char* body : {"", "null", "{}", "[7]"})
        EXPECT_EQ(read_rows(body, "", "rows", read).error().code, ErrorCode::kCorrupt) << body;
    EXPECT_EQ(read_rows(R"([{}])", "", "rows", read).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(read_object("[]", "thing", read).error().message,
              "the market's answer holds no thing");
    EXPECT_TRUE(read_object(R"({"id":4})", "thing", read).has_value());
}

TEST(Fields, PortsAndCountries) {
    EXPECT_EQ(parse_port("22"), 22);
    EXPECT_EQ(parse_port("70001"), 70'001) << "the same number inside and outside";
    for (const char* text : {"", "0", "-1", "22x", "66000", "90000", "999999999999"})
        EXPECT_EQ(parse_port(text), 0) << text;
    EXPECT_EQ(get_port(object_of(R"({"p":"33526"})"), "p"), 33'526);
    EXPECT_EQ(country_of("California, US"), "US");
    EXPECT_EQ(country_of(", US "), "US");
    EXPECT_EQ(country_of("somewhere"), "");
    EXPECT_EQ(country_of(""), "");
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
