#include "engine/logical_clock.h"

#include <gtest/gtest.h>

#include "engine/engine_rig.h"

namespace herder {
namespace {

TEST(LogicalClock, CountsMonotonicTimeFromTheBase) {
    FakeClock clock;
    LogicalClock logical(clock);
    logical.resume({Term{1}, 1, Instant{500}, clock.wall_now, {}});
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

// A commit of the process before, made a moment ago.
CommitMark make_mark(const FakeClock& clock) {
    return {Term{1}, 5, Instant{hours(50).us}, clock.wall_now, {clock.boot, clock.monotonic_now}};
}

TEST(LogicalClock, WithinOneBootTheWallClockIsNotAsked) {
    for (const Duration jump : {days(400), Duration{}, Duration{} - days(400)}) {
        FakeClock clock;
        const CommitMark mark = make_mark(clock);
        clock.advance(minutes(3));
        clock.wall_now = clock.wall_now + jump;
        LogicalClock logical(clock);
        const Downtime downtime = logical.resume(mark);
        EXPECT_EQ(downtime.length, minutes(3));
        EXPECT_FALSE(downtime.in_doubt);
        EXPECT_EQ(logical.now(), mark.logical_now + minutes(3));
    }
}

TEST(LogicalClock, AfterARebootTheWallClockIsAskedAndDoubted) {
    FakeClock clock;
    const CommitMark mark = make_mark(clock);
    clock.boot = "second boot";
    clock.monotonic_now = Instant{seconds(20).us};  // counts from anew
    clock.wall_now = clock.wall_now + minutes(4);
    LogicalClock logical(clock);
    const Downtime downtime = logical.resume(mark);
    EXPECT_EQ(downtime.length, minutes(4));
    EXPECT_TRUE(downtime.in_doubt);
}

TEST(LogicalClock, ARebootUnderAWrongWallClockNeverGoesBackAndIsClamped) {
    for (const auto& [jump, want] :
         {std::pair{days(400), kDowntimeMax}, std::pair{Duration{} - days(1), Duration{}}}) {
        FakeClock clock;
        const CommitMark mark = make_mark(clock);
        clock.boot = "second boot";
        clock.wall_now = clock.wall_now + jump;
        LogicalClock logical(clock);
        EXPECT_EQ(logical.resume(mark).length, want);
        EXPECT_EQ(logical.now(), mark.logical_now + want);
    }
}

TEST(LogicalClock, ABootWithoutANameIsNobodysBoot) {
    FakeClock clock;
    clock.boot.clear();
    const CommitMark mark = make_mark(clock);
    clock.advance(minutes(1));
    LogicalClock logical(clock);
    EXPECT_TRUE(logical.resume(mark).in_doubt);
}

TEST(LogicalClock, TheMomentToStoreIsTheLogicalOneOnTheMonotonicClock) {
    FakeClock clock;
    LogicalClock logical(clock);
    logical.resume({});
    const Instant at = logical.now();
    clock.advance(seconds(7));
    EXPECT_EQ(logical.moment_of(at).at, clock.monotonic_now - seconds(7));
    EXPECT_EQ(logical.moment_of(at).boot_id, clock.boot);
}

}  // namespace
}  // namespace herder
