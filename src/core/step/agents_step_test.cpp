// What agents say: join, report, silence, and what comes too late or twice.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

// What was told of checkpoints that were not taken.
std::vector<std::string> refusals(const Bench& bench) {
    std::vector<std::string> found;
    for (const Event& event : bench.story) {
        if (event.kind == "checkpoint.refused") found.push_back(event.fields.at(0).second);
    }
    return found;
}

TEST(AgentsStep, AnAgentThatIsHeardAgainBeforeTheJobMovedSimplyGoesOn) {
    Bench bench;
    const JobId job = bench.run();
    bench.preempt();
    ASSERT_STREQ(to_string(bench.attempt().phase), "stopping");
    ASSERT_TRUE(bench.intent().gpu_end);
    const AgentOrders orders = bench.beat(seconds(1));
    EXPECT_EQ(orders.desired, DesiredState::kRun);
    EXPECT_STREQ(to_string(bench.attempt().phase), "running");
    EXPECT_FALSE(bench.intent().gpu_end) << "it bills on";
    bench.find_outcome(job);  // the answer to the question of before
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(AgentsStep, AnAgentThatIsHeardAgainStillObeysTheCancel) {
    Bench bench;
    const JobId job = bench.run();
    ASSERT_TRUE(bench.cancel(job));
    bench.preempt();
    const AgentOrders orders = bench.beat(seconds(1));
    EXPECT_EQ(orders.desired, DesiredState::kStop);
    EXPECT_EQ(orders.stop_reason, EndReason::kCancelled);
    EXPECT_GE(orders.stop_grace, seconds(30));
}

TEST(AgentsStep, AStaleReportIsFencedAndDoesNotRenewTheLease) {
    Bench bench;
    const JobId job = bench.run();
    const effect::CreateMachine old = *bench.created;
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(seconds(40));
    bench.offer({make_offer(102, 300'000)});
    ASSERT_EQ(bench.created->intent.attempt.fence, Fence{2});
    bench.created = old;
    EXPECT_TRUE(bench.beat().fenced);
    EXPECT_FALSE(bench.state().leases.contains(old.intent.id));
}

TEST(AgentsStep, ACopyOfAnOlderReportRenewsNothing) {
    Bench bench;
    bench.run();
    const Lease before = bench.state().leases.at(bench.created->intent.id);
    bench.sequence -= 1;
    bench.beat();
    EXPECT_EQ(bench.state().leases.at(bench.created->intent.id).heard, before.heard);
}

TEST(AgentsStep, AWrongSessionIsUnauthenticated) {
    Bench bench;
    bench.run();
    input::AgentReported in;
    in.reply_to = 3;
    in.session_hash = sha256_hex("a guess");
    in.report.intent = bench.created->intent.id;
    const Output out = bench.feed(in);
    EXPECT_EQ(out.replies.at(0).body.error().code, ErrorCode::kUnauthenticated);
}

TEST(AgentsStep, AJoinProvesThatAMachineExistsWhoseCallWasNeverAnswered) {
    Bench bench;
    const JobId job = bench.place();
    bench.call_ends(input::CallOutcome::kUnknown);
    ASSERT_TRUE(bench.join());
    EXPECT_EQ(bench.rent_phase(), "live");
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(AgentsStep, AJoinWithTheWrongContractIsRefused) {
    Bench bench;
    bench.place();
    bench.create_done();
    bench.contract = ContractId{9};
    EXPECT_FALSE(bench.join());
    EXPECT_EQ(bench.rent_phase(), "bound");
}

struct RestoreDoubts : ::testing::Test {
    Bench bench;
    JobId job = bench.run();
    CheckpointId first = publish(bench, 1, 25);
    CheckpointId second = publish(bench, 2, 50);
    CheckpointId third = publish(bench, 3, 75);
    std::int64_t moves = 0;

    // To another machine, which is told where to go on from.
    std::optional<CheckpointId> move() {
        if (bench.attempt().is_live()) {
            bench.preempt();
            bench.find_outcome(job);
        }
        bench.tick(minutes(20));
        ++moves;
        bench.offer({make_offer(200 + moves, 300'000)});
        bench.contract = ContractId{6000 + moves};
        bench.sequence = 0;
        bench.create_done();
        HERDER_ASSERT(bench.join().has_value());
        return bench.report({}).assignment.value().resume_from;
    }
    AgentOrders fail(CheckpointId which) {
        AgentReport failed;
        failed.phase = AgentPhase::kRestoring;
        failed.restore_failed = which;
        return bench.report(failed);
    }
    const Checkpoint& at(CheckpointId id) { return bench.state().checkpoints.at(id); }
};

TEST_F(RestoreDoubts, OneMachinesWordOnlyMakesItTakeTheOneBefore) {
    ASSERT_EQ(move(), third);
    EXPECT_EQ(fail(third).assignment->resume_from, second);
    EXPECT_FALSE(at(third).quarantined);
    EXPECT_EQ(at(third).doubted_by, bench.created->intent.id);
    bench.beat();
    EXPECT_TRUE(at(second).verified);
    ASSERT_EQ(move(), third) << "another machine tries the newest again";
    bench.beat();
    EXPECT_FALSE(at(third).doubted_by) << "it could be restored";
    EXPECT_TRUE(at(third).verified);
}

TEST_F(RestoreDoubts, TheSecondMachinesWordSetsItAside) {
    move();
    fail(third);
    bench.beat();
    move();
    EXPECT_EQ(fail(third).assignment->resume_from, second);
    EXPECT_TRUE(at(third).quarantined);
    bench.beat();
    EXPECT_EQ(move(), second);
}

TEST_F(RestoreDoubts, AMachineWhereTwoFailIsLeftAndItsWordCountsOnce) {
    move();
    const IntentId left = bench.created->intent.id;
    fail(third);
    EXPECT_EQ(fail(second).desired, DesiredState::kLeave);
    const auto* ended = std::get_if<attempt_phase::Ended>(&bench.attempt().phase);
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->reason, EndReason::kRestoreFailed);
    EXPECT_EQ(at(second).doubted_by, left);
    ASSERT_EQ(move(), third);
    EXPECT_NE(bench.created->intent.id, left);
    bench.beat();
    EXPECT_FALSE(at(third).quarantined);
    EXPECT_FALSE(at(second).quarantined);
}

// What else that report says brings nothing of it back: a lease would count as a machine that is
// heard.
TEST_F(RestoreDoubts, AReportThatEndsTheAttemptLeavesNoLease) {
    move();
    fail(third);
    AgentReport last;
    last.phase = AgentPhase::kRestoring;
    last.restore_failed = second;
    last.checkpoint_refused = "it has no files";
    last.checkpoint = make_checkpoint(9, -5, false);
    bench.report(last, seconds(90));
    ASSERT_FALSE(bench.attempt().is_live());
    EXPECT_TRUE(bench.state().leases.empty());
    EXPECT_EQ(refusals(bench), std::vector<std::string>{"it has no files"});
}

TEST_F(RestoreDoubts, WhereTheOnlyOneFailsTheJobDoesNotBeginAgain) {
    for (const CheckpointId id : {third, second}) {
        input::ChangeCheckpoint change;
        change.checkpoint = id;
        change.verb = input::CheckpointVerb::kDamaged;
        bench.feed(change);
    }
    ASSERT_EQ(move(), first);
    EXPECT_EQ(fail(first).desired, DesiredState::kLeave);
    ASSERT_EQ(move(), first);
    EXPECT_EQ(fail(first).assignment->resume_from, std::nullopt) << "two say so: from the start";
    EXPECT_TRUE(at(first).quarantined);
}

TEST_F(RestoreDoubts, WhatTheNextAttemptSavesCountsAlthoughADoubtedOneIsFurther) {
    move();
    fail(third);
    bench.beat();
    const CheckpointId own = publish(bench, 1, 60);
    EXPECT_EQ(at(own).parent, second);
    EXPECT_EQ(move(), own);
}

TEST_F(RestoreDoubts, ACheckpointThatSomebodyReadsWholeIsGoodAgain) {
    move();
    fail(third);
    bench.beat();
    move();
    fail(third);
    bench.beat();
    input::ChangeCheckpoint change;
    change.checkpoint = third;
    change.verb = input::CheckpointVerb::kVerified;
    bench.feed(change);
    EXPECT_FALSE(at(third).quarantined);
    EXPECT_EQ(move(), third);
}

TEST(AgentsStep, HeartbeatsDoNotTouchTheDatabaseMoreThanOnceAMinute) {
    Bench bench;
    bench.run();
    bench.beat(seconds(61));
    int writes = 0;
    for (int i = 0; i < 5; ++i) {
        bench.beat(seconds(10));
        for (const RowChange& change : bench.last.changes)
            writes += change.table == Table::kIntent || change.table == Table::kAttempt ? 1 : 0;
    }
    EXPECT_EQ(writes, 0);
}

TEST(AgentsStep, ThePartOfAMachinesTimeThatIsBilledEndsWithinOneReportInterval) {
    Bench bench;
    bench.run();
    bench.beat();
    const Instant last_heard = bench.now;
    bench.preempt(seconds(40));
    ASSERT_TRUE(bench.intent().gpu_end);
    EXPECT_LE(*bench.intent().gpu_end - last_heard, seconds(10));
    EXPECT_GE(*bench.intent().gpu_end, last_heard);
}

TEST(AgentsStep, WhatAMachineCannotTakeIsToldOnceForEachReason) {
    Bench bench;
    bench.run();
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.checkpoint_refused = "it has no files";
    bench.report(report);
    bench.report(report);
    EXPECT_EQ(refusals(bench), std::vector<std::string>{"it has no files"});
    report.checkpoint_refused.clear();
    bench.report(report);
    report.checkpoint_refused = "it has no files";
    bench.report(report);
    EXPECT_EQ(refusals(bench).size(), 1U);
    // A host is nobody's friend: neither their number nor their length is up to it.
    for (int i = 0; i < 30; ++i) {
        report.checkpoint_refused = std::to_string(i) + std::string(5000, 'x');
        bench.report(report);
    }
    EXPECT_EQ(refusals(bench).size(), 20U);
    EXPECT_EQ(refusals(bench).back().size(), 1000U);
}

}  // namespace
}  // namespace herder
