// A brain that takes the place of one whose process died.
#include <gtest/gtest.h>

#include "base/record.h"
#include "core/worker/worker_fixture.h"

namespace herder {
namespace {

using namespace worker_action;

class WorkerSalvage : public ::testing::Test {
  protected:
    // A job that has run for a minute, with two checkpoints on their way.
    WorkerSalvage() {
        before_.join_and_run(before_.assignment());
        before_.run_for(minutes(1));
        before_.feed(worker_input::CheckpointFound{WorkerFixture::checkpoint(4, 40)});
        before_.feed(worker_input::CheckpointFound{WorkerFixture::checkpoint(5, 50)});
    }
    void resume(const WorkerMemory& memory) {
        after_.now = before_.now + seconds(2);
        after_.feed(worker_input::Resumed{
            {7}, "0.1.0", after_.now - Instant{}, 1, "the agent was killed", memory});
    }
    // The server says this of whatever is offered from now on.
    void settle(std::uint64_t seq) {
        after_.orders.grant.reset();
        after_.orders.settled_local_seq = seq;
        after_.run_for(seconds(30));
    }
    void upload(std::uint64_t seq) {
        after_.grant(seq);
        after_.run_for(seconds(30));
        after_.feed(worker_input::UploadEnded{seq, true});
        after_.settle(true);
    }

    WorkerFixture before_;
    WorkerFixture after_;
};

TEST_F(WorkerSalvage, OffersWhatWasStagedAgainAndNeverJoinsOrRuns) {
    resume(before_.brain.memory());
    EXPECT_EQ(after_.brain.stage(), WorkerStage::kPublishing);
    EXPECT_FALSE(after_.brain.is_computing());
    EXPECT_EQ(after_.last_report.phase, AgentPhase::kStopping);
    EXPECT_EQ(after_.last_report.fence, before_.last_report.fence);
    ASSERT_TRUE(after_.last_report.checkpoint);
    EXPECT_EQ(*after_.last_report.checkpoint, WorkerFixture::checkpoint(4, 40));
    EXPECT_EQ(after_.last_report.step, 50);
    upload(4);
    EXPECT_TRUE(after_.last_report.checkpoint->sealed);
    settle(4);
    ASSERT_TRUE(after_.last_report.checkpoint);
    EXPECT_EQ(after_.last_report.checkpoint->local_seq, 5U);
    EXPECT_EQ(after_.count<StoreOutcome>(), 0U) << "the second is still on its way";
    upload(5);
    settle(5);
    EXPECT_EQ(after_.count<StoreOutcome>(), 1U);
    EXPECT_EQ(after_.count<StartRun>() + after_.count<StartRestore>(), 0U);
}

TEST_F(WorkerSalvage, ReportsThatTheAgentWasLost) {
    resume(before_.brain.memory());
    settle(5);
    settle(5);
    after_.feed(worker_input::OutcomeStored{true});
    after_.settle(true);
    ASSERT_TRUE(after_.last_report.outcome);
    EXPECT_EQ(*after_.last_report.outcome,
              (AttemptOutcome{EndReason::kAgentLost, 137, "the agent was killed"}));
    EXPECT_EQ(after_.last_report.ran, minutes(1) + seconds(2));
}

TEST_F(WorkerSalvage, ReportsAreNewerThanAllBefore) {
    resume(before_.brain.memory());
    EXPECT_GT(after_.last_report.sequence, before_.last_report.sequence + 1'000'000'000);
    EXPECT_EQ(after_.last_report.uptime, after_.report_sent - Instant{});
    WorkerFixture third;
    third.now = after_.now + seconds(5);
    third.feed(worker_input::Resumed{{7}, "0.1.0", {}, 2, "again", after_.brain.memory()});
    EXPECT_GT(third.last_report.sequence, after_.last_report.sequence + 1'000'000'000);
    EXPECT_EQ(third.last_report.checkpoint->local_seq, 4U);
}

TEST_F(WorkerSalvage, WhatTheJobItselfCameToStands) {
    before_.feed(worker_input::ProcessExited{});
    resume(before_.brain.memory());
    settle(5);
    settle(5);
    after_.feed(worker_input::OutcomeStored{true});
    after_.settle(true);
    ASSERT_TRUE(after_.last_report.outcome);
    EXPECT_EQ(after_.last_report.outcome->reason, EndReason::kSucceeded);
    EXPECT_EQ(after_.last_report.ran, minutes(1)) << "not while nobody computed";
}

TEST_F(WorkerSalvage, BeforeTheJobRanThereIsNothingToWaitFor) {
    WorkerFixture early;
    early.orders.assignment = early.assignment();
    early.join();
    resume(early.brain.memory());
    EXPECT_EQ(after_.count<StoreOutcome>(), 1U);
    after_.feed(worker_input::OutcomeStored{true});
    after_.run_for(seconds(1));
    ASSERT_TRUE(after_.last_report.outcome);
    EXPECT_EQ(after_.last_report.outcome->reason, EndReason::kAgentLost);
    EXPECT_EQ(after_.last_report.outcome->exit_code, 0) << "no command was ended";
}

TEST_F(WorkerSalvage, AnAttemptThatIsOverElsewhereIsLeft) {
    resume(before_.brain.memory());
    after_.orders.fenced = true;
    after_.settle(true);
    EXPECT_EQ(after_.brain.stage(), WorkerStage::kLeft);
    EXPECT_EQ(after_.count<DiscardCheckpoint>(), 2U);
}

TEST_F(WorkerSalvage, GivesUpWhenNothingIsSettled) {
    resume(before_.brain.memory());
    after_.run_for(minutes(29));
    EXPECT_EQ(after_.count<StoreOutcome>(), 0U);
    after_.run_for(minutes(2));
    EXPECT_EQ(after_.count<StoreOutcome>(), 1U);
}

TEST_F(WorkerSalvage, IsDestroyedLikeAnyOtherWhenNobodyIsHeard) {
    resume(before_.brain.memory());
    after_.answered_sequence = after_.last_report.sequence - 1;
    after_.run_for(minutes(32), false);
    EXPECT_GT(after_.count<DestroySelf>(), 0U);
}

TEST_F(WorkerSalvage, ASecondStartChangesNothing) {
    resume(before_.brain.memory());
    const auto mark = after_.brain.memory_mark();
    after_.feed(worker_input::Resumed{{7}, "0.1.0", {}, 9, "", {}});
    after_.feed(worker_input::Started{{7}, {9}, "0.1.0"});
    EXPECT_EQ(after_.brain.memory_mark(), mark);
}

// Whenever a later process would be told something else, the mark says so.
TEST_F(WorkerSalvage, TheMarkChangesWithTheMemory) {
    WorkerFixture f;
    f.orders.assignment = f.assignment();
    const std::vector<WorkerInput> story = {
        worker_input::Started{{7}, {3}, "0.1.0"},
        worker_input::OrdersReceived{1, f.now, f.orders},
        worker_input::RestoreEnded{},
        worker_input::StepSeen{12},
        worker_input::CheckpointFound{WorkerFixture::checkpoint(1, 10)},
        worker_input::CheckpointFound{WorkerFixture::checkpoint(2, 20)},
        worker_input::CheckpointFound{WorkerFixture::checkpoint(3, 30)},
        worker_input::ProcessExited{},
    };
    std::size_t changes = 0;
    for (const WorkerInput& input : story) {
        const auto memory = f.brain.memory();
        const auto mark = f.brain.memory_mark();
        f.now = f.now + seconds(1);
        f.feed(input);
        changes += f.brain.memory_mark() != mark ? 1U : 0U;
        EXPECT_TRUE(f.brain.memory() == memory || f.brain.memory_mark() != mark) << input.index();
    }
    EXPECT_EQ(changes, 7U) << "a step alone is not worth a write";
}

TEST_F(WorkerSalvage, TheMemoryIsARecord) {
    const WorkerMemory memory = before_.brain.memory();
    ASSERT_EQ(memory.offers.size(), 2U);
    const auto read = from_record<WorkerMemory>(to_record(memory));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, memory);
}

}  // namespace
}  // namespace herder
