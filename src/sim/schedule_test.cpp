#include "sim/schedule.h"

#include <gtest/gtest.h>

#include <string>

namespace herder::sim {

TEST(Schedule, RunsInOrderOfTimeThenOfArrival) {
    Schedule schedule(0);
    std::string order;
    schedule.at(Instant{20}, [&] { order += 'c'; });
    schedule.at(Instant{10}, [&] { order += 'a'; });
    schedule.at(Instant{10}, [&] { order += 'b'; });
    while (schedule.run_next(Instant{100})) {
    }
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(schedule.now(), Instant{100});
}

TEST(Schedule, LeavesWhatIsLaterThanTheEnd) {
    Schedule schedule(0);
    bool ran = false;
    schedule.at(Instant{20}, [&] { ran = true; });
    EXPECT_FALSE(schedule.run_next(Instant{19}));
    EXPECT_FALSE(ran);
    EXPECT_TRUE(schedule.run_next(Instant{20}));
    EXPECT_TRUE(ran);
}

TEST(Schedule, AnActionInThePastRunsNow) {
    Schedule schedule(0);
    schedule.at(Instant{10}, [&] { schedule.at(Instant{1}, [] {}); });
    EXPECT_TRUE(schedule.run_next(Instant{50}));
    EXPECT_TRUE(schedule.run_next(Instant{50}));
    EXPECT_EQ(schedule.now(), Instant{10});
}

TEST(Schedule, ShufflesOneMomentTheSameWayForOneSeed) {
    const auto run = [](std::uint64_t shuffle) {
        Schedule schedule(shuffle);
        std::string order;
        for (char c = 'a'; c <= 'h'; ++c)
            schedule.at(Instant{5}, [&order, c] { order += c; });
        while (schedule.run_next(Instant{9})) {
        }
        return order;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(0));
}

}  // namespace herder::sim
