#include "engine/engine.h"

#include <gtest/gtest.h>

#include "engine/engine_rig.h"

namespace herder {
namespace {

using Fault = FakeStore::Fault;

TEST(Engine, NewStoreBeginsItsLogicalClockAndLeads) {
    FakeStore::Content content;
    EngineRig rig(content);
    EXPECT_FALSE(rig.engine->is_leading());
    EXPECT_FALSE(rig.engine->post(input::TimerFired{}));
    ASSERT_TRUE(rig.start());
    EXPECT_TRUE(rig.engine->is_leading());
    EXPECT_EQ(rig.engine->term(), Term{1});
    EXPECT_EQ(rig.engine->logical_now(), kLogicalStart);
    EXPECT_EQ(rig.core.state().term, Term{1});
}

TEST(Engine, LogicalClockContinuesWithTheDowntime) {
    FakeStore::Content content;
    content.mark = {Term{1}, 5, Instant{hours(50).us}, WallTime{1'790'000'000'000'000}, {}};
    EngineRig rig(content);
    rig.clock.wall_now = content.mark.wall + minutes(3);
    ASSERT_TRUE(rig.start());
    EXPECT_EQ(rig.engine->logical_now(), Instant{hours(50).us} + minutes(3));
}

TEST(Engine, DowntimeIsClampedWhenTheWallClockIsWrong) {
    for (const auto& [wall_difference, want] :
         {std::pair{days(400), kDowntimeMax}, std::pair{Duration{} - days(1), Duration{}}}) {
        FakeStore::Content content;
        content.mark = {Term{1}, 5, Instant{hours(50).us}, WallTime{1'790'000'000'000'000}, {}};
        EngineRig rig(content);
        rig.clock.wall_now = content.mark.wall + wall_difference;
        ASSERT_TRUE(rig.start());
        EXPECT_EQ(rig.engine->logical_now(), Instant{hours(50).us} + want);
    }
}

TEST(Engine, ARestartUnderAWallClockThatWasSetMovesNoDeadline) {
    FakeStore::Content content;
    {
        EngineRig rig(content);
        ASSERT_TRUE(rig.start());
        rig.feed(make_submit(1));
    }
    EngineRig rig(content);
    rig.clock.advance(minutes(2));
    rig.clock.wall_now = rig.clock.wall_now + days(30);
    ASSERT_TRUE(rig.start());
    EXPECT_LE(rig.engine->logical_now() - kLogicalStart, minutes(3));
    EXPECT_FALSE(rig.core.state().downtime_in_doubt);
}

TEST(Engine, AfterARebootTheCoreIsToldThatTheDowntimeIsInDoubt) {
    FakeStore::Content content;
    {
        EngineRig rig(content);
        ASSERT_TRUE(rig.start());
        rig.feed(make_submit(1));
    }
    EngineRig rig(content);
    rig.clock.boot = "second boot";
    rig.clock.wall_now = rig.clock.wall_now + days(2);
    ASSERT_TRUE(rig.start());
    EXPECT_TRUE(rig.core.state().downtime_in_doubt);
}

TEST(Engine, WallJumpMovesNoDeadline) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    const Instant before = rig.engine->logical_now();
    const Instant wake = rig.engine->wake_at();
    rig.clock.wall_now = rig.clock.wall_now + days(1);
    EXPECT_EQ(rig.engine->logical_now(), before);
    EXPECT_EQ(rig.engine->wake_at(), wake);
    EXPECT_EQ(rig.pump(), 0);
}

TEST(Engine, ReplyComesAfterTheCommit) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.feed(make_submit(7));
    const Reply* reply = rig.reply(7);
    ASSERT_NE(reply, nullptr);
    ASSERT_TRUE(reply->body);
    EXPECT_TRUE(content.rows.contains({Table::kJob, "j1"}));
}

TEST(Engine, FailedCommitHoldsEverythingBackAndIsRetried) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.runner.effects.clear();
    const auto seq = content.mark.seq;
    rig.store.faults = {Fault::kFail, Fault::kFail};
    rig.feed(make_listing(rig, {}));
    rig.feed(make_submit(7));
    EXPECT_TRUE(rig.engine->is_committing());
    EXPECT_EQ(rig.reply(7), nullptr);
    EXPECT_TRUE(rig.runner.effects.empty());
    const auto steps = rig.engine->stats().steps;

    rig.feed(make_submit(8));  // not before the open commit
    EXPECT_EQ(rig.engine->stats().steps, steps);
    EXPECT_EQ(rig.engine->queued(), 1U);
    while (rig.engine->is_committing()) {
        rig.clock.monotonic_now = rig.engine->wake_at();
        rig.pump();
    }
    ASSERT_NE(rig.reply(7), nullptr);
    ASSERT_NE(rig.reply(8), nullptr);
    EXPECT_FALSE(rig.runner.effects.empty());
    EXPECT_GT(content.mark.seq, seq);
    EXPECT_EQ(rig.engine->stats().failed_commits, 2U);
}

TEST(Engine, RetriesBackOffUpToALimit) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.store.faults = std::deque<Fault>(20, Fault::kFail);
    rig.feed(make_submit(7));
    Duration longest;
    for (int i = 0; i < 19; ++i) {
        const Duration wait = rig.engine->wake_at() - rig.clock.monotonic_now;
        EXPECT_GE(wait, longest);
        longest = wait;
        rig.clock.monotonic_now = rig.engine->wake_at();
        ASSERT_TRUE(rig.engine->pump());
    }
    EXPECT_EQ(longest, EngineOptions{}.retry_max);
}

TEST(Engine, LostAnswerOfACommitThatLandedIsReadBack) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.store.faults = {Fault::kLoseAfter};
    rig.feed(make_submit(7));
    ASSERT_NE(rig.reply(7), nullptr);
    EXPECT_TRUE(rig.reply(7)->body);
    EXPECT_EQ(rig.engine->stats().unknown_commits, 1U);
    EXPECT_FALSE(rig.engine->is_committing());
}

TEST(Engine, LostCommitThatDidNotLandIsCommittedAgain) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.store.faults = {Fault::kLoseBefore};
    rig.feed(make_submit(7));
    EXPECT_EQ(rig.reply(7), nullptr);
    rig.clock.monotonic_now = rig.engine->wake_at();
    rig.pump();
    ASSERT_NE(rig.reply(7), nullptr);
    EXPECT_TRUE(content.rows.contains({Table::kJob, "j1"}));
}

TEST(Engine, NothingIsGuessedWhileTheStoreCannotBeRead) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.store.faults = {Fault::kLoseAfter};
    rig.store.is_reachable = false;
    rig.feed(make_submit(7));
    const auto commits = rig.engine->stats().commits;
    for (int i = 0; i < 5; ++i) {
        rig.clock.monotonic_now = rig.engine->wake_at();
        rig.engine->pump();
        EXPECT_EQ(rig.reply(7), nullptr);
        EXPECT_TRUE(rig.engine->is_committing());
    }
    rig.store.is_reachable = true;
    rig.clock.monotonic_now = rig.engine->wake_at();
    rig.engine->pump();
    EXPECT_NE(rig.reply(7), nullptr);
    EXPECT_EQ(rig.engine->stats().commits, commits + 1);
}

TEST(Engine, FencedLeaderStopsAndLetsNothingOut) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.runner.effects.clear();
    FakeStore other(content);
    ASSERT_TRUE(other.lead());
    (void)rig.engine->post(make_listing(rig, {}));
    rig.feed(make_submit(7));
    EXPECT_FALSE(rig.engine->is_leading());
    EXPECT_TRUE(rig.runner.effects.empty());
    ASSERT_NE(rig.reply(7), nullptr);
    EXPECT_EQ(rig.reply(7)->body.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(rig.engine->post(make_submit(8)).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(rig.engine->wake_at(), kNever);
    EXPECT_FALSE(rig.engine->pump());
    EXPECT_FALSE(content.rows.contains({Table::kJob, "j1"}));
}

TEST(Engine, LostAnswerWithAnotherLeadersCommitMeansFenced) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    rig.store.faults = {Fault::kLoseBefore};
    rig.store.is_reachable = false;
    rig.feed(make_submit(7));
    FakeStore other(content);
    const Term term = *other.lead();
    ASSERT_EQ(other.commit(term, content.mark.seq + 1, {}), CommitOutcome::kCommitted);
    rig.store.is_reachable = true;
    rig.clock.monotonic_now = rig.engine->wake_at();
    rig.engine->pump();
    EXPECT_FALSE(rig.engine->is_leading());
    EXPECT_FALSE(rig.reply(7)->body);
}

TEST(Engine, OutputWithoutChangesNeedsNoCommit) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    const auto seq = content.mark.seq;
    rig.store.faults = {Fault::kFail};
    rig.feed(input::AgentReported{9, "nobody's session", {}});
    EXPECT_NE(rig.reply(9), nullptr);
    EXPECT_EQ(content.mark.seq, seq);
}

TEST(Engine, LogicalClockIsPersistedOnceAMinuteWithoutAnyInput) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    for (int i = 0; i < 100; ++i) {
        rig.clock.monotonic_now = std::max(rig.clock.monotonic_now, rig.engine->wake_at());
        rig.pump();
        EXPECT_LE(rig.engine->logical_now() - content.mark.logical_now, minutes(1));
    }
    EXPECT_GT(rig.engine->logical_now() - kLogicalStart, minutes(2));
}

TEST(Engine, RestartedEngineGoesOnWithTheSameState) {
    FakeStore::Content content;
    {
        EngineRig rig(content);
        ASSERT_TRUE(rig.start());
        rig.feed(make_submit(7));
    }
    EngineRig rig(content);
    rig.clock.advance(minutes(1));
    ASSERT_TRUE(rig.start());
    EXPECT_EQ(rig.engine->term(), Term{2});
    ASSERT_TRUE(rig.core.state().jobs.contains(JobId{1}));
    EXPECT_EQ(rig.core.state().jobs.at(JobId{1}).spec.name, "digits");
}

TEST(Engine, StoryRunsToTheEndThroughTheEngine) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    tell_story(rig);
    EXPECT_STREQ(to_string(rig.core.state().jobs.at(JobId{1}).phase), "succeeded");
}

}  // namespace
}  // namespace herder
