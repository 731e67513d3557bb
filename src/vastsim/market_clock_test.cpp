#include "vastsim/market_clock.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(MarketClock, ScalesElapsedTimeExactly) {
    EXPECT_EQ(scaled_elapsed(seconds(3), 1000), seconds(3));
    EXPECT_EQ(scaled_elapsed(microseconds(1'500), 60'000), milliseconds(90));
    EXPECT_EQ(scaled_elapsed(seconds(10), 500), seconds(5));
    EXPECT_EQ(scaled_elapsed(days(30), 3'600'000), days(30 * 3600));
}

TEST(MarketClock, NeverGoesBackwardsAndCanBeMovedForward) {
    MarketClock clock(1000);
    const WallTime before = clock.now();
    clock.add(hours(1));
    EXPECT_GE(clock.now() - before, hours(1));
}

}  // namespace
}  // namespace herder::vastsim
