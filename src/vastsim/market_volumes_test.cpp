#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Volumes, TakeSpaceAndBillUntilDeleted) {
    Market market(calm_scenario(), 1, kStart);
    const VolumeOffer offer = market.volume_offers().front();
    EXPECT_FALSE(market.create_volume(offer.id, offer.free_gb + 1, ""));
    EXPECT_FALSE(market.create_volume(1, 10, ""));
    const auto id = market.create_volume(offer.id, 100, "data");
    ASSERT_TRUE(id);
    EXPECT_EQ(market.volume_offers().front().free_gb, offer.free_gb - 100);
    market.advance(kStart + hours(10));
    const Usd cost = market.spent();
    EXPECT_EQ(cost, market.volumes().at(*id).rate * hours(10));
    const auto rows = market.charges(kStart.day(), kStart.day() + 1);
    ASSERT_FALSE(rows.empty());
    EXPECT_TRUE(rows.front().is_volume);
    EXPECT_TRUE(market.delete_volume(*id));
    EXPECT_FALSE(market.delete_volume(*id));
    market.advance(kStart + hours(20));
    EXPECT_EQ(market.spent(), cost);
}

}  // namespace
}  // namespace herder::vastsim
