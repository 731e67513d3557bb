#include "vastsim/offer_view.h"

#include <gtest/gtest.h>

#include <cmath>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(OfferView, KeepsTheIdentitiesOfTheRealService) {
    Market market(calm_scenario(), 2, kStart);
    for (const Offer& offer : market.offers(true, 40'000)) {
        const Json row = offer_row(offer);
        const auto number = [&](const char* key) { return row.find(key)->to_number().value(); };
        EXPECT_EQ(number("id"), number("ask_contract_id"));
        EXPECT_LT(
            std::fabs(number("dph_total") - number("dph_base") - number("storage_cost") * 40 / 720),
            1e-6);
        EXPECT_EQ(number("dph_base"), number("min_bid"));
        EXPECT_EQ(number("gpu_total_ram"), number("gpu_ram") * number("num_gpus"));
        EXPECT_EQ(row.find("gpu_totalram"), nullptr);
        EXPECT_TRUE(row.find("external")->is_null());
    }
}

TEST(OfferView, VirtualFieldsAndTheIdTrap) {
    Market market(calm_scenario(), 2, kStart);
    const Offer offer = cheapest(market, false);
    EXPECT_TRUE(search_value(offer, "id")->is_null());
    EXPECT_EQ(search_value(offer, "geolocation")->if_string()->size(), 2U);
    EXPECT_FALSE(search_value(offer, "no_such_field"));
    const Json few = offer_row(offer, {"id", "nonsense", "gpu_name"});
    EXPECT_EQ(few.if_object()->size(), 3U);
    EXPECT_TRUE(few.find("nonsense")->is_null());
    Offer bare = offer;
    bare.with_nulls = true;
    int nulls = 0;
    for (const Offer& each : market.offers(false, 8'000)) {
        bare.machine = each.machine;
        nulls += offer_row(bare).find("geolocation")->is_null() ? 1 : 0;
    }
    EXPECT_GT(nulls, 0);
}

}  // namespace
}  // namespace herder::vastsim
