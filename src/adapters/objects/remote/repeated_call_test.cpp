#include "adapters/objects/remote/repeated_call.h"

#include "adapters/objects/remote/scripted_server_fixture.h"

namespace herder::remote {
namespace {

struct RepeatedCallTest : ::testing::Test {
    FixedClock clock;
    std::vector<Duration> waits;
    RepeatedCall calls{clock, 3, [this](Duration d) { waits.push_back(d); }};
    int sent = 0;

    // Answers with these statuses in turn; 0: the connection breaks, -1: the call is cancelled.
    RemoteResult run(std::vector<int> statuses) {
        sent = 0;
        waits.clear();
        return calls.run(
            [&](bool& maybe_sent) -> Result<http::Response> {
                maybe_sent = true;
                const int status = statuses.at(static_cast<std::size_t>(sent++));
                if (status == 0) return unavailable("broken");
                if (status < 0) return Error{ErrorCode::kCancelled, "cancelled"};
                return answer(status, "", {{"Retry-After", "7"}});
            },
            [](const http::Response& response, bool& again) -> std::optional<RemoteRefusal> {
                if (response.is_success()) return std::nullopt;
                again = is_passing(response.status);
                return RemoteRefusal{invalid("refused"), response.status, "Word", false};
            });
    }
};

TEST_F(RepeatedCallTest, WhatPassesIsTriedAgain) {
    const auto done = run({503, 0, 200});
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->is_repeated);
    ASSERT_EQ(waits.size(), 2U);
    EXPECT_EQ(waits[0], seconds(7));
    EXPECT_FALSE(run({200})->is_repeated);
}

TEST_F(RepeatedCallTest, WhatStaysIsNot) {
    const auto refused = run({403, 200});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 403);
    EXPECT_EQ(refused.error().code, "Word");
    EXPECT_EQ(sent, 1);
    EXPECT_EQ(run({503, 503, 503}).error().status, 503);
    EXPECT_EQ(sent, 3);
    EXPECT_TRUE(run({0, 0, 404}).error().is_repeated);
}

TEST_F(RepeatedCallTest, WhatIsCancelledIsNotRepeatedAndSaysNothing) {
    const auto cancelled = run({-1, 200});
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().error.code, ErrorCode::kUnavailable);
    EXPECT_EQ(sent, 1);
}

TEST(FollowedClock, TakesTheServersTimeWhereItIsFarOff) {
    FixedClock world;
    FollowedClock clock(world);
    EXPECT_FALSE(clock.follow(answer(403, "", {{"Date", "Fri, 24 May 2013 00:00:30 GMT"}})));
    EXPECT_EQ(clock.now(), world.time);
    EXPECT_TRUE(clock.follow(answer(403, "", {{"Date", "Fri, 24 May 2013 01:00:00 GMT"}})));
    EXPECT_EQ(clock.now(), world.time + hours(1));
    EXPECT_FALSE(clock.follow(answer(403, "", {{"Date", "Fri, 24 May 2013 01:00:20 GMT"}})));
    EXPECT_FALSE(clock.follow(answer(403)));
}

TEST(FollowedClock, TellsTheServersTimeWhateverBecomesOfOurOwn) {
    struct JumpingClock : FixedClock {
        std::int64_t passed = 0;
        Instant monotonic() const override { return {passed}; }
    } world;
    FollowedClock clock(world);
    EXPECT_FALSE(clock.told_now());
    clock.hear(answer(200));
    EXPECT_FALSE(clock.told_now());
    clock.hear(answer(200, "", {{"Date", "Fri, 24 May 2013 01:00:00 GMT"}}));
    const WallTime told = world.time + hours(1);
    world.time = world.time + days(365);
    EXPECT_EQ(clock.told_now(), told);
    world.passed += seconds(30).us;
    EXPECT_EQ(clock.told_now(), told + seconds(30));
}

}  // namespace
}  // namespace herder::remote
