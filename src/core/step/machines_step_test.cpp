// Machines ended or kept by hand, and the end of all of them.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

int destroys(const Bench& bench, ContractId contract) {
    return static_cast<int>(
        std::count_if(bench.last.effects.begin(), bench.last.effects.end(), [&](const Effect& e) {
            const auto* destroy = std::get_if<effect::DestroyMachine>(&e);
            return destroy != nullptr && destroy->contract == contract;
        }));
}

Result<ReplyBody> end(Bench& bench, ContractId contract, bool now = false) {
    input::EndMachine in;
    in.reply_to = 5;
    in.contract = contract;
    in.now = now;
    in.actor = "mara";
    return bench.feed(in).replies.at(0).body;
}

Result<ReplyBody> adopt(Bench& bench, ContractId contract) {
    input::AdoptMachine in;
    in.reply_to = 6;
    in.contract = contract;
    in.actor = "mara";
    return bench.feed(in).replies.at(0).body;
}

Result<ReplyBody> hold(Bench& bench, bool lift = false) {
    input::HoldRenting in;
    in.reply_to = 7;
    in.lift = lift;
    in.actor = "mara";
    return bench.feed(in).replies.at(0).body;
}

// With our label, of a rental that the database has lost.
ListedMachine lost_machine(std::int64_t contract, std::uint64_t intent = 4242) {
    ListedMachine machine;
    machine.contract = ContractId{contract};
    machine.label = make_label(kCluster, IntentId{intent});
    machine.state = MachineState::kRunning;
    machine.gpu_price = usd_per_hour_micros(250'000);
    return machine;
}

ListedMachine foreign_machine(std::int64_t contract) {
    ListedMachine machine;
    machine.contract = ContractId{contract};
    machine.label = make_label({"prod", std::string(32, 'x')}, IntentId{1});
    machine.state = MachineState::kRunning;
    return machine;
}

TEST(MachinesStep, AJobSavesAndMovesWhenItsMachineIsDestroyedByHand) {
    Bench bench;
    const JobId job = bench.run();
    const auto answer = end(bench, bench.contract);
    ASSERT_TRUE(answer) << answer.error().message;
    const auto& ended = std::get<reply::MachineEnded>(*answer);
    EXPECT_EQ(ended.job, job);
    EXPECT_TRUE(ended.saves);
    EXPECT_EQ(ended.patience, seconds(180));
    EXPECT_EQ(destroys(bench, bench.contract), 0) << "not before it has saved";
    EXPECT_EQ(bench.beat().desired, DesiredState::kStop);
    bench.finish({EndReason::kDestroyed, 0, ""});
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(destroys(bench, bench.contract), 1);
    EXPECT_TRUE(bench.state().meta.avoided_machines.contains(bench.intent().offer.machine));
}

TEST(MachinesStep, AJobThatDoesNotRecoverFromHostsStillMovesWhenAPersonWantsIt) {
    Bench bench;
    bench.list({});
    JobSpec spec = make_spec();
    spec.recovery.on_host_failure = false;
    const JobId job = bench.submit(spec);
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    ASSERT_TRUE(end(bench, bench.contract));
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(MachinesStep, NowMeansBeforeTheJobHasSaved) {
    Bench bench;
    const JobId job = bench.run();
    const auto answer = end(bench, bench.contract, true);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(std::get<reply::MachineEnded>(*answer).saves);
    EXPECT_EQ(destroys(bench, bench.contract), 1);
    EXPECT_TRUE(bench.asks_for<effect::FindOutcome>()) << "it may have ended a moment ago";
    EXPECT_TRUE(bench.beat().fenced);
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(MachinesStep, AMachineThatIsBeingDestroyedIsAskedForOnceMore) {
    Bench bench;
    bench.run();
    bench.finish();
    ASSERT_EQ(bench.rent_phase(), "closing");
    ASSERT_TRUE(end(bench, bench.contract));
    EXPECT_EQ(destroys(bench, bench.contract), 1);
}

TEST(MachinesStep, AForeignMachineIsNeverDestroyed) {
    Bench bench;
    bench.list({foreign_machine(77)});
    const auto answer = end(bench, ContractId{77}, true);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kForbidden);
    EXPECT_EQ(destroys(bench, ContractId{77}), 0);
    EXPECT_EQ(end(bench, ContractId{9}).error().code, ErrorCode::kNotFound);
}

TEST(MachinesStep, AnOrphanIsDestroyedWithoutItsGraceWhenAPersonAsks) {
    Bench bench;
    bench.list({lost_machine(502)});
    EXPECT_EQ(destroys(bench, ContractId{502}), 0);
    ASSERT_TRUE(end(bench, ContractId{502}));
    EXPECT_EQ(destroys(bench, ContractId{502}), 1);
    bench.list({lost_machine(502)});
    EXPECT_EQ(destroys(bench, ContractId{502}), 1) << "repeated until it is absent";
}

TEST(MachinesStep, AnAdoptedOrphanIsKeptThroughRestartsUntilAPersonEndsIt) {
    Bench bench;
    bench.list({lost_machine(502)});
    ASSERT_TRUE(adopt(bench, ContractId{502}));
    ASSERT_TRUE(adopt(bench, ContractId{502})) << "twice is once";
    bench.tick(minutes(5));
    bench.list({lost_machine(502)});
    EXPECT_EQ(destroys(bench, ContractId{502}), 0);
    bench.restart();
    bench.list({lost_machine(502)});
    bench.tick(minutes(5));
    bench.list({lost_machine(502)});
    EXPECT_EQ(destroys(bench, ContractId{502}), 0);
    EXPECT_EQ(bench.state().meta.adopted.at(ContractId{502}).actor, "mara");
    ASSERT_TRUE(end(bench, ContractId{502}));
    EXPECT_EQ(destroys(bench, ContractId{502}), 1);
    EXPECT_TRUE(bench.state().meta.adopted.empty());
}

TEST(MachinesStep, WhatIsBeingDestroyedAlreadyIsNotPromisedToAnybody) {
    Bench bench;
    bench.list({lost_machine(502), lost_machine(504)});
    bench.tick(Settings{}.orphan_grace - seconds(1));
    ASSERT_TRUE(adopt(bench, ContractId{504})) << "just in time";
    bench.tick(seconds(2));
    bench.list({lost_machine(502), lost_machine(504)});
    ASSERT_EQ(destroys(bench, ContractId{502}), 1);
    const auto late = adopt(bench, ContractId{502});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kConflict);
    EXPECT_NE(late.error().message.find("is being destroyed already"), std::string::npos);
    EXPECT_FALSE(bench.state().meta.adopted.contains(ContractId{502}));
    EXPECT_TRUE(adopt(bench, ContractId{504})) << "kept long ago";
    ASSERT_TRUE(end(bench, ContractId{504}));
    EXPECT_FALSE(adopt(bench, ContractId{504})) << "and ended by a person";
}

TEST(MachinesStep, AnAdoptedMachineIsForgottenWhenTwoListingsMissIt) {
    Bench bench;
    bench.list({lost_machine(502)});
    ASSERT_TRUE(adopt(bench, ContractId{502}));
    bench.list({});
    EXPECT_EQ(bench.state().meta.adopted.size(), 1U);
    bench.list({lost_machine(502)});
    bench.list({});
    EXPECT_EQ(bench.state().meta.adopted.size(), 1U) << "one absence does not count for the next";
    bench.list({});
    EXPECT_TRUE(bench.state().meta.adopted.empty());
}

TEST(MachinesStep, SaysWhyAMachineCannotBeAdopted) {
    Bench bench;
    bench.run();
    EXPECT_EQ(adopt(bench, bench.contract).error().code, ErrorCode::kConflict);
    ListedMachine twin = bench.machine(MachineState::kRunning);
    twin.contract = ContractId{503};
    bench.beat();
    bench.list({bench.machine(MachineState::kRunning), twin, foreign_machine(77)});
    const auto of_twin = adopt(bench, ContractId{503});
    ASSERT_FALSE(of_twin);
    EXPECT_NE(of_twin.error().message.find("two machines under one label"), std::string::npos);
    EXPECT_EQ(adopt(bench, ContractId{77}).error().code, ErrorCode::kForbidden);
    EXPECT_EQ(adopt(bench, ContractId{9}).error().code, ErrorCode::kNotFound);
}

TEST(MachinesStep, AHoldEndsEveryMachineOfOursAtOnceAndPausesJobs) {
    Bench bench;
    const JobId running = bench.run();
    bench.beat();
    bench.list({bench.machine(MachineState::kRunning), lost_machine(502), foreign_machine(77)});
    const auto first = bench.created;
    const JobId waiting = bench.submit();
    bench.created = first;
    const auto answer = hold(bench);
    ASSERT_TRUE(answer);
    const auto& held = std::get<reply::RentingHeld>(*answer);
    EXPECT_EQ(held.machines, 2);
    EXPECT_EQ(held.paused, (std::vector<JobId>{running, waiting}));
    EXPECT_EQ(destroys(bench, bench.contract), 1);
    EXPECT_EQ(destroys(bench, ContractId{502}), 1);
    EXPECT_EQ(destroys(bench, ContractId{77}), 0);
    EXPECT_EQ(bench.phase_of(waiting), "paused");
    EXPECT_TRUE(bench.beat().fenced) << "its agent is told with the next word";
    bench.find_outcome(running);
    EXPECT_EQ(bench.phase_of(running), "paused");
}

TEST(MachinesStep, AHoldAlsoEndsAnAdoptedMachine) {
    Bench bench;
    bench.list({lost_machine(502)});
    ASSERT_TRUE(adopt(bench, ContractId{502}));
    ASSERT_TRUE(hold(bench));
    EXPECT_EQ(destroys(bench, ContractId{502}), 1);
    EXPECT_TRUE(bench.state().meta.adopted.empty());
}

TEST(MachinesStep, AnAdoptedMachineThatNoListingHasShownYetIsEndedToo) {
    for (const bool by_hold : {true, false}) {
        Bench bench;
        bench.list({lost_machine(502)});
        ASSERT_TRUE(adopt(bench, ContractId{502}));
        bench.restart();
        ASSERT_TRUE(bench.state().provider.unowned.empty());
        if (by_hold) {
            ASSERT_TRUE(hold(bench));
        } else {
            ASSERT_TRUE(end(bench, ContractId{502}));
        }
        EXPECT_EQ(destroys(bench, ContractId{502}), 1);
        EXPECT_TRUE(bench.state().meta.adopted.empty());
    }
}

TEST(MachinesStep, AJobThatWasBeingCancelledStaysCancelled) {
    Bench bench;
    const JobId job = bench.run();
    ASSERT_TRUE(bench.cancel(job));
    const auto answer = hold(bench);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(std::get<reply::RentingHeld>(*answer).paused.empty());
    EXPECT_EQ(destroys(bench, bench.contract), 1);
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "cancelled");
}

TEST(MachinesStep, AMachineWhoseCallIsUnderWayIsEndedWhenItAppears) {
    Bench bench;
    const JobId job = bench.place();
    ASSERT_TRUE(bench.created);
    ASSERT_TRUE(hold(bench));
    EXPECT_EQ(bench.phase_of(job), "paused");
    bench.create_done();
    EXPECT_EQ(destroys(bench, bench.contract), 1);
}

TEST(MachinesStep, NothingIsRentedUntilTheHoldIsLiftedAlsoAfterARestart) {
    Bench bench;
    bench.list({});
    ASSERT_TRUE(hold(bench));
    bench.restart();
    bench.list({});
    const JobId job = bench.submit();
    bench.offer({make_offer(101, 200'000)});
    EXPECT_FALSE(bench.created);
    const auto& queued = std::get<phase::Queued>(bench.state().jobs.at(job).phase);
    EXPECT_NE(queued.waiting_for.find("herder panic --lift"), std::string::npos)
        << queued.waiting_for;
    ASSERT_TRUE(hold(bench, true));
    bench.offer({make_offer(101, 200'000)});
    EXPECT_TRUE(bench.created);
    ASSERT_TRUE(hold(bench, true)) << "what is not held may be lifted";
}

}  // namespace
}  // namespace herder
