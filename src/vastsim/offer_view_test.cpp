#include "vastsim/offer_view.h"

#include <gtest/gtest.h>

#include <cmath>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(OfferView, KeepsTheIdentitiesOfTheRealService) {
    Market market(calm_scenario(), 2, kStart);
    for (const Offer& offer : market.offers(true, 40'000)) {
        const Json row = offer_row(offer, 1.0);
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
    const Json row = offer_row(offer, 1.0);
    EXPECT_TRUE(search_value(offer, row, "id")->is_null());
    EXPECT_EQ(search_value(offer, row, "geolocation")->if_string()->size(), 2U);
    EXPECT_FALSE(search_value(offer, row, "no_such_field"));
}

}  // namespace
}  // namespace herder::vastsim
