#include "adapters/system/system_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

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
    EXPECT_GE(fast.monotonic() - fast_start, seconds(1) - milliseconds(1));
    EXPECT_GT(real.wall(), WallTime{1'700'000'000'000'000});
}

TEST(SystemClock, AScaledOneMovesInFineSteps) {
    const SystemClock fast(10'000);
    Duration finest = seconds(1);
    for (int steps = 0; steps < 100;) {
        const Instant before = fast.monotonic();
        const Duration step = fast.monotonic() - before;
        if (step == Duration{}) continue;
        finest = std::min(finest, step);
        ++steps;
    }
    EXPECT_LT(finest, milliseconds(10)) << "a real millisecond";
}

TEST(SystemClock, AWaitEndsWhenItIsToldTo) {
    const SystemClock slow(1);  // a second of it takes seventeen real minutes
    std::mutex mutex;
    std::condition_variable changed;
    bool is_told = false;
    std::thread teller([&] {
        const std::lock_guard lock(mutex);
        is_told = true;
        changed.notify_all();
    });
    std::unique_lock lock(mutex);
    while (!is_told)
        slow.wait(lock, changed, hours(1));
    EXPECT_TRUE(lock.owns_lock());
    teller.join();
}

TEST(SystemClock, TwoProcessesOfOneBootShareTheMonotonicClockOfTheirScale) {
    const SystemClock first(60'000);
    const SystemClock second(60'000);
    EXPECT_LT(second.monotonic() - first.monotonic(), seconds(60)) << "not anchored at the start";
    EXPECT_FALSE(first.boot_id().empty());
    EXPECT_EQ(first.boot_id(), second.boot_id());
    EXPECT_NE(first.boot_id(), SystemClock().boot_id());
    EXPECT_LT(second.wall() - WallTime{1'700'000'000'000'000}, days(3650));
}

}  // namespace
}  // namespace herder
