// What WorkerBrain does while nobody answers: lease, detached running, dead-man's switch.
#include <gtest/gtest.h>

#include "core/worker/worker_fixture.h"

namespace herder {
namespace {

using namespace worker_action;

TEST(WorkerSilence, LeaseCountsFromSendingTheReport) {
    WorkerFixture f;
    f.orders.detached_for = Duration{};
    f.orders.lease = seconds(60);
    f.orders.assignment = f.assignment();
    f.orders.assignment->spec.checkpoint.stop_grace = Duration{};
    f.feed(worker_input::Started{{7}, {3}, "0.1.0"});
    const Instant sent = f.now;
    f.now = f.now + seconds(20);  // the answer was slow
    f.answered_sequence = 1;
    f.feed(worker_input::OrdersReceived{1, sent, f.orders});
    f.feed(worker_input::RestoreEnded{});
    f.run_for(minutes(5), false);
    ASSERT_GE(f.count<KillEverything>(), 1U);
    EXPECT_EQ(f.all<KillEverything>()[0].first, sent + seconds(60));
}

TEST(WorkerSilence, GoesOnDetachedAndIsDeadWhenItMustBe) {
    WorkerFixture f;
    f.orders.dead_man_after = hours(5);
    f.join_and_run(f.assignment());
    f.run_for(minutes(1));
    const Instant last_sent = f.report_sent;
    f.run_for(minutes(29), false);
    EXPECT_EQ(f.count<WriteStopFile>(), 0U);
    f.run_for(minutes(10), false);
    ASSERT_EQ(f.count<WriteStopFile>(), 1U);
    EXPECT_EQ(f.all<WriteStopFile>()[0].second.reason, EndReason::kAgentLost);
    const Instant limit = last_sent + seconds(60) + minutes(30);
    EXPECT_EQ(f.all<KillEverything>()[0].first, limit);
}

TEST(WorkerSilence, IsReadoptedWhenHeardInTime) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.run_for(minutes(20), false);
    f.run_for(minutes(60));
    EXPECT_EQ(f.count<WriteStopFile>(), 0U);
    EXPECT_EQ(f.brain.stage(), WorkerStage::kRunning);
}

TEST(WorkerSilence, PublishesWhatItSavedMeanwhile) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.run_for(minutes(5), false);
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.run_for(minutes(5), false);
    EXPECT_EQ(f.count<Upload>(), 0U);
    f.grant(1);
    f.run_for(minutes(1));
    EXPECT_EQ(f.count<Upload>(), 1U);
}

TEST(WorkerSilence, DestroysItsMachineAfterSaving) {
    WorkerFixture f;
    f.orders.dead_man_after = minutes(30);
    f.join_and_run(f.assignment());
    const Instant contact = f.report_sent;
    f.run_for(minutes(30) + seconds(1), false);
    EXPECT_EQ(f.count<WriteStopFile>(), 1U);
    EXPECT_EQ(f.count<DestroySelf>(), 0U);
    f.feed(worker_input::ProcessExited{});
    f.run_for(minutes(5), false);
    EXPECT_EQ(f.count<StoreOutcome>(), 1U);
    ASSERT_GE(f.count<DestroySelf>(), 2U) << "repeated until it happens";
    EXPECT_EQ(f.all<DestroySelf>()[0].first, contact + minutes(31));
}

TEST(WorkerSilence, ContactStopsTheDestruction) {
    WorkerFixture f;
    f.orders.dead_man_after = minutes(20);
    f.join_and_run(f.assignment());
    f.feed(worker_input::ProcessExited{});
    f.feed(worker_input::OutcomeStored{true});
    f.run_for(minutes(22), false);
    EXPECT_GE(f.count<DestroySelf>(), 1U);
    f.run_for(minutes(1));
    const auto destroyed = f.count<DestroySelf>();
    f.run_for(minutes(30));
    EXPECT_EQ(f.count<DestroySelf>(), destroyed);
}

TEST(WorkerSilence, NobodyEverAnswers) {
    WorkerFixture f;
    f.feed(worker_input::Started{{7}, {3}, "0.1.0"});
    f.run_for(minutes(32), false);
    EXPECT_GE(f.count<DestroySelf>(), 1U);
    EXPECT_EQ(f.count<StartRestore>(), 0U);
}

TEST(WorkerSilence, BacksOffBetweenFailedReports) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    const auto before = f.count<SendReport>();
    f.run_for(minutes(10), false);
    const auto sent = f.count<SendReport>() - before;
    EXPECT_GE(sent, 55U);
    EXPECT_LE(sent, 130U);
}

TEST(WorkerSilence, StaleOrdersRenewTheLeaseButAreNotFollowed) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.run_for(minutes(1));
    AgentOrders stale = f.orders;
    stale.desired = DesiredState::kStop;
    f.feed(worker_input::OrdersReceived{1, f.now, stale});
    EXPECT_EQ(f.count<WriteStopFile>(), 0U);
    stale.fenced = true;
    f.feed(worker_input::OrdersReceived{1, f.now, stale});
    EXPECT_EQ(f.brain.stage(), WorkerStage::kLeft) << "fenced is for ever";
}

}  // namespace
}  // namespace herder
