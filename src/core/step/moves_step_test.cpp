// Leaving a machine before its contract or an announced maintenance takes it, and what comes back.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

// A running job on a machine whose offer ends after `remaining`.
JobId run_until(Bench& bench, Duration remaining, std::int64_t ask = 101) {
    bench.list({});
    const JobId job = bench.submit();
    Offer offer = make_offer(ask, 200'000);
    offer.remaining = remaining;
    bench.offer({offer});
    bench.create_done();
    HERDER_ASSERT(bench.join().has_value());
    bench.report({});
    bench.beat(seconds(1));
    return job;
}

// Keeps the agent heard until `at`; true if it was told to stop before.
bool told_to_stop_before(Bench& bench, Instant at) {
    while (bench.now + seconds(10) < at) {
        if (bench.beat(seconds(10)).desired == DesiredState::kStop) return true;
    }
    return false;
}

TEST(MovesStep, TheJobSavesAndMovesBeforeItsContractEnds) {
    Bench bench;
    const Instant begun = bench.now;
    const JobId job = run_until(bench, minutes(80));
    // 60 s of grace, 2 min of upload, 5 min of slack.
    EXPECT_FALSE(told_to_stop_before(bench, begun + minutes(72) - seconds(10)));
    bench.tick(seconds(30));
    EXPECT_TRUE(bench.has_event("attempt.moving"));
    const AgentOrders orders = bench.beat(seconds(1));
    EXPECT_EQ(orders.desired, DesiredState::kStop);
    EXPECT_EQ(orders.stop_reason, EndReason::kContractEnd);
    EXPECT_GE(orders.stop_grace, seconds(50));
    const CheckpointId saved = publish(bench, 1, 500);
    bench.finish({EndReason::kContractEnd, 0, ""});
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
    bench.tick(minutes(1));
    bench.offer({make_offer(102, 300'000)});
    bench.contract = ContractId{5002};
    bench.create_done();
    ASSERT_TRUE(bench.join());
    EXPECT_EQ(bench.report({}).assignment.value().resume_from, saved);
}

TEST(MovesStep, AListingKnowsTheEndBetterThanTheOffer) {
    Bench bench;
    run_until(bench, kForever);
    ListedMachine machine = bench.machine(MachineState::kRunning);
    const Duration so_far = bench.now - *bench.intent().bound;
    machine.lasts = so_far + minutes(30);
    bench.beat();
    bench.list({machine});
    EXPECT_FALSE(bench.has_event("attempt.moving"));
    machine.lasts = so_far + minutes(7);  // a maintenance was announced, or the contract cut short
    bench.list({machine});
    EXPECT_TRUE(bench.has_event("attempt.moving"));
    // Prolonged in between: too late to stay, the job has been told.
    EXPECT_EQ(bench.beat(seconds(1)).desired, DesiredState::kStop);
}

TEST(MovesStep, ASaveThatTakesTooLongIsCutShort) {
    Bench bench;
    const JobId job = run_until(bench, minutes(80));
    EXPECT_TRUE(told_to_stop_before(bench, bench.now + minutes(75)));
    bench.tick(minutes(3) + seconds(1));
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(std::get<attempt_phase::Ended>(bench.attempt().phase).reason,
              EndReason::kContractEnd);
}

TEST(MovesStep, ACancelWhileMovingEndsTheJob) {
    Bench bench;
    const JobId job = run_until(bench, minutes(80));
    EXPECT_TRUE(told_to_stop_before(bench, bench.now + minutes(75)));
    ASSERT_TRUE(bench.cancel(job));
    bench.finish({EndReason::kCancelled, 0, ""});
    EXPECT_EQ(bench.phase_of(job), "cancelled");
}

TEST(MovesStep, AMachineLostWhileMovingIsLost) {
    Bench bench;
    const JobId job = run_until(bench, minutes(80));
    EXPECT_TRUE(told_to_stop_before(bench, bench.now + minutes(75)));
    bench.preempt();
    EXPECT_TRUE(bench.has_event("attempt.lost"));
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(MovesStep, ARestartInBetweenKeepsTheMove) {
    Bench bench;
    run_until(bench, minutes(80));
    EXPECT_TRUE(told_to_stop_before(bench, bench.now + minutes(75)));
    bench.restart();
    EXPECT_EQ(bench.beat(seconds(1)).desired, DesiredState::kStop);
}

TEST(MovesStep, AMachineStoppedAtItsContractsEndIsNotCalledOutbid) {
    Bench bench;
    const JobId job = run_until(bench, kForever);
    bench.tick(seconds(25));
    ListedMachine machine = bench.machine(MachineState::kStopped);
    machine.lasts = bench.now - *bench.intent().bound;
    bench.list({machine});
    ASSERT_TRUE(bench.has_event("attempt.lost"));
    const auto& stopping = std::get<attempt_phase::Stopping>(bench.attempt().phase);
    EXPECT_EQ(stopping.reason, EndReason::kContractEnd);
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

// Outbid, given up, its destroy call lost: it wakes by itself when its GPUs are free again.
TEST(MovesStep, AMachineThatWakesAloneIsToldFencedAndDestroyed) {
    Bench bench;
    const JobId job = bench.run();
    const effect::CreateMachine old = *bench.created;
    bench.preempt();
    bench.find_outcome(job);
    ASSERT_EQ(bench.rent_phase(), "closing");
    bench.list({bench.machine(MachineState::kStopped)}, seconds(40));
    bench.list({bench.machine(MachineState::kRunning)}, seconds(10));
    EXPECT_TRUE(bench.has_event("machine.woke"));
    bench.list({bench.machine(MachineState::kRunning)}, seconds(10));
    EXPECT_FALSE(bench.has_event("machine.woke")) << "told once";
    const AgentOrders orders = bench.beat(seconds(1));
    EXPECT_TRUE(orders.fenced);
    EXPECT_EQ(orders.desired, DesiredState::kLeave);
    AgentReport late;
    late.phase = AgentPhase::kRunning;
    late.checkpoint = make_checkpoint(1, 900, true);
    EXPECT_FALSE(bench.report(late).grant) << "it may not commit";
    EXPECT_TRUE(bench.state().checkpoints.empty());
    bench.tick(seconds(31));
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>()) << "until it is gone";
    bench.created = old;
    EXPECT_EQ(bench.rent_phase(), "closing");
}

// A stopped machine costs its disk: it is destroyed, not kept, in both patterns of an outbid.
TEST(MovesStep, WhatIsLeftOfAnOutbidMachineIsDestroyed) {
    for (const MachineState state : {MachineState::kStopped, MachineState::kQueued}) {
        Bench bench;
        const JobId job = bench.run();
        bench.tick(seconds(25));
        bench.list({bench.machine(state)});
        bench.find_outcome(job);
        EXPECT_EQ(bench.rent_phase(), "closing");
        EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
    }
}

TEST(MovesStep, AHostThatComesBackAfterItWasGivenUpIsTurnedAway) {
    Bench bench;
    const JobId job = bench.run();
    bench.tick(seconds(40));
    bench.list({bench.machine(MachineState::kOffline)});
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "recovering");
    ASSERT_TRUE(bench.intent().gpu_end) << "an offline host bills nothing";
    bench.list({bench.machine(MachineState::kRunning)}, minutes(20));
    EXPECT_TRUE(bench.has_event("machine.woke"));
    EXPECT_TRUE(bench.beat(seconds(1)).fenced);
}

std::vector<effect::AnswerIncrease> answers(const Bench& bench) {
    std::vector<effect::AnswerIncrease> all;
    for (const Effect& effect : bench.last.effects) {
        if (const auto* answer = std::get_if<effect::AnswerIncrease>(&effect))
            all.push_back(*answer);
    }
    return all;
}

TEST(MovesStep, AHostThatWantsMoreIsAnsweredByTheJobsLimit) {
    Bench bench;
    bench.run();
    bool asked = false;
    for (int i = 0; i < 62 && !asked; ++i) {
        bench.beat(seconds(10));
        asked = bench.asks_for<effect::ReadIncreases>();
    }
    EXPECT_TRUE(asked) << "every ten minutes";
    bench.feed(input::IncreasesRead{{{.id = 3, .contract = bench.contract, .gpu_price = {250'000}},
                                     {.id = 4, .contract = bench.contract, .gpu_price = {900'000}},
                                     {.id = 5, .contract = ContractId{1}, .gpu_price = {1}}}});
    ASSERT_EQ(answers(bench).size(), 2U) << "not for a contract of others";
    EXPECT_TRUE(answers(bench)[0].accept);
    EXPECT_FALSE(answers(bench)[1].accept);
    EXPECT_TRUE(bench.has_event("contract.dearer"));
    bench.feed(
        input::IncreasesRead{{{.id = 4, .contract = bench.contract, .gpu_price = {900'000}}}});
    EXPECT_EQ(answers(bench).size(), 1U) << "the answer may have been lost";
    EXPECT_FALSE(bench.has_event("contract.dearer")) << "told once";
}

// What hosts announced, as asked for after the first minute.
input::MaintenancesRead announced(Duration begins_in, Duration lasts, std::int64_t machine = 1010) {
    return {{{.machine = machine, .begins_in = begins_in, .lasts = lasts}}};
}

TEST(MovesStep, TheJobSavesAndMovesBeforeAnAnnouncedMaintenance) {
    Bench bench;
    const JobId job = run_until(bench, kForever);
    const Instant begins = bench.now + hours(1);
    bench.feed(announced(hours(1), hours(3)));
    EXPECT_TRUE(bench.has_event("maintenance.announced"));
    EXPECT_FALSE(told_to_stop_before(bench, begins - minutes(8) - seconds(10)));
    bench.tick(seconds(30));
    EXPECT_TRUE(bench.has_event("attempt.moving"));
    EXPECT_EQ(bench.beat(seconds(1)).stop_reason, EndReason::kMaintenance);
    const CheckpointId saved = publish(bench, 1, 500);
    bench.finish({EndReason::kMaintenance, 0, ""});
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_GE(bench.state().meta.avoided_machines.at(1010), begins + hours(3) - seconds(1));
    bench.tick(minutes(1));
    bench.offer({make_offer(101, 100'000), make_offer(102, 300'000)});
    EXPECT_EQ(bench.created->intent.offer.ask, 102) << "not to where it came from";
    bench.contract = ContractId{5002};
    bench.create_done();
    ASSERT_TRUE(bench.join());
    EXPECT_EQ(bench.report({}).assignment.value().resume_from, saved);
}

TEST(MovesStep, MaintenanceIsAskedForOfLiveMachinesAndSoonAfterAHint) {
    Bench bench;
    run_until(bench, kForever);
    const auto asked = [&bench](int beats) {
        for (int i = 0; i < beats; ++i) {
            bench.beat(seconds(10));
            for (const Effect& effect : bench.last.effects) {
                const auto* read = std::get_if<effect::ReadMaintenances>(&effect);
                if (read == nullptr) continue;
                EXPECT_EQ(read->machines, std::vector<std::int64_t>{1010});
                return true;
            }
        }
        return false;
    };
    EXPECT_TRUE(asked(7)) << "the first time a minute after the machine is there";
    EXPECT_FALSE(asked(50)) << "then every ten minutes";
    EXPECT_TRUE(asked(12));
    bench.feed(input::ProviderHinted{"upcoming_downtime"});
    EXPECT_FALSE(bench.asks_for<effect::ReadMaintenances>()) << "however many hints come";
    EXPECT_TRUE(asked(7));
}

TEST(MovesStep, AMaintenanceIsToldOnceAndForgottenWhenItIsCalledOff) {
    Bench bench;
    run_until(bench, kForever);
    bench.feed(announced(hours(1), hours(3)));
    EXPECT_TRUE(bench.has_event("maintenance.announced"));
    bench.feed(announced(hours(1) - seconds(1), hours(3)), seconds(1));
    EXPECT_FALSE(bench.has_event("maintenance.announced")) << "told once";
    bench.feed(announced(minutes(1), hours(3), 999));
    EXPECT_FALSE(bench.has_event("maintenance.announced")) << "not of ours";
    EXPECT_FALSE(told_to_stop_before(bench, bench.now + hours(2))) << "called off";
}

TEST(MovesStep, AMaintenanceThatIsOverMovesNobodyAndOneThatHasBegunMovesAtOnce) {
    Bench bench;
    run_until(bench, kForever);
    bench.feed(announced(Duration{} - hours(3), hours(2)));
    EXPECT_FALSE(bench.has_event("attempt.moving"));
    bench.feed(announced(Duration{} - hours(1), hours(2)));
    EXPECT_TRUE(bench.has_event("attempt.moving"));
}

TEST(MovesStep, NothingIsRentedWhereMaintenanceIsKnownToBeginSoon) {
    Bench bench;
    run_until(bench, kForever);
    bench.feed(announced(minutes(50), hours(3)));
    bench.tick(minutes(1));
    bench.submit(make_spec());
    Offer beside = make_offer(103, 100'000);
    beside.machine = 1010;
    bench.offer({beside, make_offer(102, 300'000)});
    EXPECT_EQ(bench.created->intent.offer.ask, 102);
}

TEST(MovesStep, AMachineThatIsNewIsAskedAboutSoon) {
    Bench bench;
    const JobId first = run_until(bench, kForever);
    for (int i = 0; i < 7; ++i)
        bench.beat(seconds(10));
    const Instant asked = bench.state().notices_asked;
    ASSERT_GT(asked, Instant{});
    EXPECT_GE(bench.state().notices_due, asked + minutes(9));
    bench.cancel(first);
    bench.finish({EndReason::kCancelled, 0, ""});
    bench.contract = ContractId{5002};
    run_until(bench, kForever, 102);
    EXPECT_LE(bench.state().notices_due, std::max(bench.now, asked + minutes(1)));
}

TEST(MovesStep, WhicheverComesFirstIsTheReason) {
    Bench bench;
    run_until(bench, minutes(80));
    bench.feed(announced(minutes(90), hours(1)));
    EXPECT_TRUE(told_to_stop_before(bench, bench.now + minutes(79)));
    EXPECT_EQ(std::get<attempt_phase::Stopping>(bench.attempt().phase).reason,
              EndReason::kContractEnd);
}

}  // namespace
}  // namespace herder
