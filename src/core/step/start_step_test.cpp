// A process begins to lead: nothing is sent twice, and nothing ends because nobody was there.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

// The process died, and another one leads after a downtime that its clock measured.
void lead_again(Bench& bench, Duration downtime, bool in_doubt = false) {
    bench.core = std::make_unique<Core>(kCluster, Settings{});
    for (const auto& [key, record] : bench.rows)
        HERDER_ASSERT(bench.core->load_row(RowChange{key.first, key.second, record}).has_value());
    bench.now = bench.now + downtime;
    bench.feed(input::LeadershipGained{Term{++bench.term}, downtime, in_doubt});
}

TEST(StartStep, WhatWasOnTheWireIsUnknownAndNeverSentAgain) {
    for (const bool was_sent : {false, true}) {
        Bench bench;
        bench.place();
        if (was_sent) bench.feed(input::CreateStarted{bench.created->intent.id});
        lead_again(bench, seconds(5));
        EXPECT_EQ(bench.rent_phase(), "unknown");
        EXPECT_FALSE(bench.asks_for<effect::CreateMachine>());
        bench.list({});
        bench.tick(minutes(1));
        EXPECT_FALSE(bench.asks_for<effect::CreateMachine>());
    }
}

TEST(StartStep, NothingIsRentedBeforeACompleteListing) {
    Bench bench;
    bench.list({});
    bench.submit();
    lead_again(bench, minutes(1));
    EXPECT_FALSE(bench.asks_for<effect::SearchOffers>());
    bench.tick(minutes(1));
    EXPECT_FALSE(bench.asks_for<effect::SearchOffers>());
    bench.list({});
    EXPECT_TRUE(bench.asks_for<effect::SearchOffers>());
}

TEST(StartStep, AMachineThatBootedWhileNobodyLedMayStillJoin) {
    Bench bench;
    const JobId job = bench.place();
    bench.create_done();
    lead_again(bench, hours(2));
    bench.list({bench.machine(MachineState::kRunning)});
    EXPECT_EQ(bench.rent_phase(), "bound");
    bench.tick(minutes(1));
    ASSERT_TRUE(bench.join());
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(StartStep, AMachineThatStillDoesNotJoinIsGivenUpAfterTheGrace) {
    Bench bench;
    bench.place();
    bench.create_done();
    lead_again(bench, hours(2));
    bench.list({bench.machine(MachineState::kRunning)});
    bench.tick(minutes(3));
    EXPECT_EQ(bench.rent_phase(), "closing");
}

TEST(StartStep, ARunningJobGoesOnAfterAnOutageOfOurs) {
    Bench bench;
    const JobId job = bench.run();
    lead_again(bench, minutes(20));
    bench.list({bench.machine(MachineState::kRunning)});
    EXPECT_EQ(bench.phase_of(job), "running");
    EXPECT_EQ(bench.beat().desired, DesiredState::kRun);
    EXPECT_EQ(bench.rent_phase(), "live");
}

TEST(StartStep, AnAttemptThatSavesItsLastCheckpointMayHandItIn) {
    Bench bench;
    const JobId job = bench.run();
    ASSERT_TRUE(bench.cancel(job));
    lead_again(bench, hours(1));
    EXPECT_EQ(bench.phase_of(job), "running") << "its stop is not cut short";
    AgentReport report;
    report.phase = AgentPhase::kStopping;
    report.checkpoint = make_checkpoint(1, 25, false);
    EXPECT_TRUE(bench.report(report).grant);
    bench.tick(minutes(3));
    EXPECT_EQ(bench.phase_of(job), "cancelled");
}

TEST(StartStep, ALostAttemptsResultIsLookedForAgain) {
    Bench bench;
    bench.run();
    bench.preempt();
    lead_again(bench, seconds(5));
    EXPECT_TRUE(bench.asks_for<effect::FindOutcome>());
}

TEST(StartStep, AManifestWhoseAnswerTheCrashTookIsWrittenAgain) {
    Bench bench;
    bench.run();
    AgentReport saving;
    saving.phase = AgentPhase::kRunning;
    saving.checkpoint = make_checkpoint(1, 25, false);
    bench.report(saving);
    saving.checkpoint->sealed = true;
    bench.report(saving);
    lead_again(bench, seconds(5));
    EXPECT_TRUE(bench.asks_for<effect::WriteManifest>());
}

TEST(StartStep, AnUnknownRentalIsNotAbandonedForTimeThatNobodySaw) {
    Bench bench;
    bench.place();
    bench.call_ends(input::CallOutcome::kUnknown);
    lead_again(bench, days(6), true);
    for (int i = 0; i < 5; ++i)
        bench.list({});
    EXPECT_EQ(bench.rent_phase(), "unknown");
    bench.tick(minutes(4));
    bench.list({});
    EXPECT_EQ(bench.rent_phase(), "abandoned");
}

// The machine was rebooted and came up under a calendar that is six days ahead.
TEST(StartStep, ADowntimeInDoubtEndsNoJobForItsTime) {
    Bench bench;
    const JobId job = bench.run();
    bench.beat(minutes(30));
    lead_again(bench, days(6), true);
    EXPECT_EQ(bench.phase_of(job), "running");
    EXPECT_FALSE(bench.state().jobs.at(job).stop);
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.ran = minutes(31);
    report.uptime = minutes(32);
    EXPECT_EQ(bench.report(report).desired, DesiredState::kRun);
    for (int i = 0; i < 40; ++i) {
        report.ran = report.ran + minutes(1);
        report.uptime = report.uptime + minutes(1);
        EXPECT_EQ(bench.report(report, minutes(1)).desired, DesiredState::kRun) << i;
    }
    EXPECT_FALSE(bench.state().jobs.at(job).stop);
    bool stopped = false;
    for (int i = 0; i < 55 && !stopped; ++i) {
        report.ran = report.ran + minutes(1);
        stopped = bench.report(report, minutes(1)).desired == DesiredState::kStop;
    }
    EXPECT_TRUE(stopped) << "two hours are over by the agent's clock";
}

TEST(StartStep, ADowntimeInDoubtEndsNoJobForItsMoney) {
    Bench bench;
    JobSpec spec = make_spec();
    spec.limits.max_cost = usd_cents(50);
    bench.list({});
    const JobId job = bench.submit(spec);
    BudgetSpec budget;
    budget.name = "all";
    budget.limit = usd_cents(300);
    bench.budgets({budget});
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    ASSERT_TRUE(bench.join());
    bench.beat();
    bench.beat(minutes(10));
    lead_again(bench, days(6), true);
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.ran = minutes(10);
    report.uptime = minutes(12);
    bench.report(report);
    for (int i = 0; i < 5; ++i) {
        report.ran = report.ran + minutes(1);
        report.uptime = report.uptime + minutes(1);
        bench.report(report, minutes(1));
    }
    EXPECT_FALSE(bench.state().jobs.at(job).stop);
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(StartStep, WhoeverIsNotHeardWithinTheGraceIsJudgedByOurOwnClock) {
    Bench bench;
    const JobId job = bench.run();
    lead_again(bench, days(6), true);
    bench.list({bench.machine(MachineState::kRunning)});
    bench.tick(minutes(3));
    EXPECT_TRUE(bench.state().jobs.at(job).stop);
}

TEST(StartStep, ADowntimeThatIsSureCounts) {
    Bench bench;
    const JobId job = bench.run();
    lead_again(bench, hours(3));
    EXPECT_TRUE(bench.state().jobs.at(job).stop);
    EXPECT_EQ(bench.state().jobs.at(job).stop->reason, EndReason::kMaxDuration);
}

}  // namespace
}  // namespace herder
