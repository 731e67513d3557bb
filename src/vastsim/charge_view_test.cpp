#include "vastsim/charge_view.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(ChargeView, RoundsEachItemToThreeDecimalsAndSumsThem) {
    DayCharges charges;
    charges.gpu = usd_micros(123'456).micros * hours(1).us;
    charges.gpu_us = hours(1).us;
    charges.disk = usd_micros(1'500).micros * hours(1).us;
    const ChargeRow row{
        .contract = 7, .label = "x", .day = 20'000, .gpu_rate = {123'456}, .charges = charges};
    const Json json = charge_json(row);
    EXPECT_EQ(json.find("amount")->to_micros().value(), 125'000);
    const Json::Array& items = *json.find("items")->if_array();
    EXPECT_EQ(items[0].find("amount")->to_text(), "0.123");
    EXPECT_EQ(items[1].find("amount")->to_text(), "0.002");
    EXPECT_EQ(*items[0].find("description")->if_string(), "1.000 hours at $0.123/hour");
    EXPECT_EQ(json.find("start")->to_integer().value(), 20'000 * 86'400);
    EXPECT_EQ(*json.find("metadata")->find("label")->if_string(), "x");
}

}  // namespace
}  // namespace herder::vastsim
