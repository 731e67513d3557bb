#include "vastsim/value_json.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(Json, WritesNumbersTheWayTheServiceDoes) {
    Json row;
    row.set("a", UsdPerHour{171'200}).set("b", 40.0).set("c", 7).set("d", nullptr);
    row.set("e", "x\"\n").set("f", true).set("g", 0.000'014);
    EXPECT_EQ(row.to_text(),
              R"({"a":0.1712,"b":40.0,"c":7,"d":null,"e":"x\"\n","f":true,"g":0.000014})");
}

TEST(Json, ReadsBackWhatItWrote) {
    const std::string text = R"({"q":{"gte":"1.5","in":[1,2.5,null,"x"]},"z":[]})";
    const Result<Json> parsed = parse_json(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->to_text(), text);
    EXPECT_DOUBLE_EQ(parsed->find("q")->find("gte")->to_number().value(), 1.5);
}

TEST(Json, RefusesBrokenTextAndNonNumbers) {
    EXPECT_FALSE(parse_json("{\"a\":"));
    EXPECT_FALSE(Json("12x").to_number());
    EXPECT_FALSE(Json("").to_number());
    EXPECT_EQ(Json("0.1712").to_micros().value(), 171'200);
}

}  // namespace
}  // namespace herder::vastsim
