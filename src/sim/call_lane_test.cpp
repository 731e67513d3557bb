#include "sim/call_lane.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

struct CallLaneTest : testing::Test {
    Stage stage{1, {}, false};
    CallLane lane{stage, seconds(3)};
    std::vector<Instant> sent;

    // A call whose answer takes a second.
    void call() {
        lane.add([this](CallLane::Done done) {
            sent.push_back(stage.now());
            stage.schedule.after(seconds(1), [done = std::move(done)] { done(true); });
        });
    }
    void run() {
        while (stage.schedule.run_next(Instant{} + hours(1))) {
        }
    }
};

TEST_F(CallLaneTest, IntervalCountsFromTheAnswer) {
    call();
    call();
    run();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0], Instant{});
    EXPECT_EQ(sent[1], Instant{} + seconds(4));
}

TEST_F(CallLaneTest, RefusalPushesTheNextCallBackThoughItWaitsAlready) {
    call();
    call();
    stage.schedule.after(seconds(2), [this] { lane.hold(seconds(12)); });
    run();
    EXPECT_EQ(sent.at(1), Instant{} + seconds(14));
}

TEST_F(CallLaneTest, TurnThatIsLetPassHoldsNobodyBack) {
    lane.add([](const CallLane::Done& done) { done(false); });
    call();
    run();
    EXPECT_EQ(sent.at(0), Instant{});
}

TEST_F(CallLaneTest, HastyOneWaitsForAnswersOnly) {
    lane.set_hasty();
    call();
    call();
    lane.hold(minutes(1));
    run();
    EXPECT_EQ(sent.at(1), Instant{} + seconds(1));
}

}  // namespace

}  // namespace herder::sim
