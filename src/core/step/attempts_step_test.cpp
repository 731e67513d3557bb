// How an attempt ends, and what becomes of its job and its machine.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

AttemptOutcome failure(int code) {
    return {.reason = EndReason::kUserError, .exit_code = code, .detail = "boom"};
}

TEST(AttemptsStep, ACancelledJobWhoseMachineIsLostEndsAsCancelled) {
    Bench bench;
    const JobId job = bench.run();
    ASSERT_TRUE(bench.cancel(job));
    bench.preempt();
    EXPECT_TRUE(bench.asks_for<effect::FindOutcome>());
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "cancelled");
    EXPECT_EQ(bench.rent_phase(), "closing");
}

TEST(AttemptsStep, ACancelledJobDoesNotWaitForAStoreThatNeverAnswers) {
    Bench bench;
    const JobId job = bench.run();
    ASSERT_TRUE(bench.cancel(job));
    bench.preempt();
    bench.tick(seconds(61));
    EXPECT_EQ(bench.phase_of(job), "cancelled");
    EXPECT_EQ(bench.rent_phase(), "closing");
}

TEST(AttemptsStep, ALostJobIsNotRunAgainBeforeSomebodyLookedForItsResult) {
    Bench bench;
    const JobId job = bench.run();
    bench.preempt();
    for (int i = 0; i < 5; ++i) {
        bench.tick(seconds(61));
        EXPECT_TRUE(bench.asks_for<effect::FindOutcome>());
        EXPECT_EQ(bench.phase_of(job), "running");
    }
}

TEST(AttemptsStep, AResultFoundInTheStoreEndsTheJobWithoutASecondRun) {
    Bench bench;
    const JobId job = bench.run();
    bench.preempt();
    bench.find_outcome(job, AttemptOutcome{});
    EXPECT_EQ(bench.phase_of(job), "succeeded");
    EXPECT_EQ(bench.attempt().exit_code, 0);
}

TEST(AttemptsStep, ABudgetStopThatMeetsAPreemptionLeavesAFailedJobAndNoWish) {
    Bench bench;
    JobSpec spec = make_spec();
    spec.limits.max_cost = usd_cents(10);
    bench.list({});
    const JobId job = bench.submit(spec);
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    ASSERT_TRUE(bench.join());
    bench.beat();
    bench.beat(minutes(28));
    ASSERT_TRUE(bench.state().jobs.at(job).stop);
    EXPECT_EQ(bench.state().jobs.at(job).stop->reason, EndReason::kBudget);
    bench.preempt();
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "failed");
    EXPECT_FALSE(bench.state().jobs.at(job).stop);
    EXPECT_TRUE(bench.state().ready.empty());
}

TEST(AttemptsStep, MaxDurationCountsOverTwoAttempts) {
    Bench bench;
    const JobId job = bench.run();
    bench.beat(minutes(90));
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(seconds(40));
    bench.offer({make_offer(102, 300'000)});
    bench.contract = ContractId{6001};
    bench.sequence = 0;
    bench.create_done();
    ASSERT_TRUE(bench.join());
    const AgentOrders orders = bench.report({});
    ASSERT_TRUE(orders.assignment);
    EXPECT_LE(orders.assignment->time_left, minutes(30));
    bench.beat();
    bench.beat(minutes(31));
    EXPECT_EQ(bench.beat().stop_reason, EndReason::kMaxDuration);
}

TEST(AttemptsStep, AStopThatTakesTooLongIsCutShort) {
    Bench bench;
    const JobId job = bench.run();
    ASSERT_TRUE(bench.cancel(job));
    bench.beat(minutes(2));
    EXPECT_EQ(bench.phase_of(job), "running");
    bench.beat(minutes(2));
    EXPECT_EQ(bench.phase_of(job), "cancelled");
}

TEST(AttemptsStep, ErrorsInTheUsersCodeUseUpTheUsersRetriesAndThenFailTheJob) {
    Bench bench;
    JobSpec spec = make_spec();
    spec.recovery.max_restarts_on_errors = 1;
    bench.list({});
    const JobId job = bench.submit(spec);
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    ASSERT_TRUE(bench.join());
    bench.beat();
    bench.finish(failure(1));
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(bench.state().jobs.at(job).user_restarts, 1);
    EXPECT_EQ(bench.state().jobs.at(job).infra_losses, 0);
    EXPECT_TRUE(bench.state().meta.avoided_machines.empty()) << "the host is not to blame";
}

TEST(AttemptsStep, AHostThatLetUsDownIsAvoided) {
    Bench bench;
    const JobId job = bench.run();
    bench.preempt();
    bench.find_outcome(job);
    EXPECT_TRUE(bench.state().meta.avoided_machines.contains(1010));
}

TEST(AttemptsStep, TheEndOfALostAttemptTellsTheNewestStepThatWasHeard) {
    Bench bench;
    const JobId job = bench.run();
    AgentReport running;
    running.phase = AgentPhase::kRunning;
    running.step = 140;
    bench.report(running, seconds(5));
    ASSERT_LT(bench.attempt().step, 140) << "progress is not written down with every beat";
    bench.preempt();
    EXPECT_EQ(bench.attempt().step, 140);
    bench.restart();
    bench.list({});
    bench.find_outcome(job);
    const auto ended = std::find_if(bench.last.events.begin(), bench.last.events.end(),
                                    [](const Event& e) { return e.kind == "attempt.ended"; });
    ASSERT_NE(ended, bench.last.events.end());
    const std::pair<std::string, std::string> step{"step", "140"};
    EXPECT_NE(std::find(ended->fields.begin(), ended->fields.end(), step), ended->fields.end());
}

}  // namespace
}  // namespace herder
