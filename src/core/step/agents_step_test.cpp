// What agents say: join, report, silence, and what comes too late or twice.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

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

TEST(AgentsStep, ACheckpointThatDoesNotVerifyIsQuarantinedAndTheOneBeforeIsUsed) {
    Bench bench;
    const JobId job = bench.run();
    const CheckpointId first = publish(bench, 1, 25);
    const CheckpointId second = publish(bench, 2, 50);
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(seconds(40));
    bench.offer({make_offer(102, 300'000)});
    bench.contract = ContractId{6001};
    bench.sequence = 0;
    bench.create_done();
    ASSERT_TRUE(bench.join());
    ASSERT_EQ(bench.report({}).assignment->resume_from, second);
    AgentReport failed;
    failed.phase = AgentPhase::kRestoring;
    failed.restore_failed = second;
    EXPECT_EQ(bench.report(failed).assignment->resume_from, first);
    EXPECT_TRUE(bench.state().checkpoints.at(second).quarantined);
    failed.restore_failed = first;
    EXPECT_EQ(bench.report(failed).assignment->resume_from, std::nullopt) << "from the start";
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

}  // namespace
}  // namespace herder
