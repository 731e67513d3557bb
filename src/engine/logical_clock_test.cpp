#include "engine/logical_clock.h"

#include <gtest/gtest.h>

#include "engine/engine_rig.h"

namespace herder {
namespace {

TEST(LogicalClock, CountsMonotonicTimeFromTheBase) {
    FakeClock clock;
    LogicalClock logical(clock);
    EXPECT_EQ(logical.resume({Term{1}, 1, Instant{500}, clock.wall_now}), Duration{});
    clock.monotonic_now = clock.monotonic_now + seconds(2);
    EXPECT_EQ(logical.now(), Instant{500} + seconds(2));
    EXPECT_EQ(logical.to_monotonic(logical.now()), clock.monotonic_now);
    EXPECT_EQ(logical.to_monotonic(kNever), kNever);
}

TEST(LogicalClock, NeverGoesBackwards) {
    FakeClock clock;
    LogicalClock logical(clock);
    clock.monotonic_now = clock.monotonic_now + seconds(2);
    const Instant before = logical.now();
    clock.monotonic_now = clock.monotonic_now - seconds(1);
    EXPECT_EQ(logical.now(), before);
}

}  // namespace
}  // namespace herder
