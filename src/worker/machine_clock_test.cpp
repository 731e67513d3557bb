#include "worker/machine_clock.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(MachineClock, NeverGoesBackAndScalesWaits) {
    const MachineClock clock(60);
    const Instant first = clock.monotonic();
    EXPECT_GE(clock.monotonic(), first);
    EXPECT_EQ(clock.real(minutes(1)), seconds(1));
    EXPECT_EQ(clock.real(Duration{-5}), Duration{});
}

}  // namespace
}  // namespace herder
