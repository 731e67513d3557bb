#include "adapters/system/system_clock.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(SystemClock, NeverGoesBackAndAScaledOneRunsFaster) {
    const SystemClock real;
    const SystemClock fast(100'000);
    const Instant real_start = real.monotonic();
    const Instant fast_start = fast.monotonic();
    fast.sleep(seconds(1));  // 10 ms of real time
    const Duration real_passed = real.monotonic() - real_start;
    EXPECT_GE(real_passed, milliseconds(9));
    EXPECT_GE(fast.monotonic() - fast_start, seconds(1) - milliseconds(200));
    EXPECT_GT(real.wall(), WallTime{1'700'000'000'000'000});
}

}  // namespace
}  // namespace herder
