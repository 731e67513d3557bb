// Listing against ledger, in both directions, and what is not to be believed.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

int destroys(const Bench& bench, ContractId contract) {
    int count = 0;
    for (const Effect& effect : bench.last.effects) {
        const auto* destroy = std::get_if<effect::DestroyMachine>(&effect);
        count += destroy != nullptr && destroy->contract == contract ? 1 : 0;
    }
    return count;
}

void fail_listing(Bench& bench) {
    input::MachinesListed failed;
    failed.asked = bench.now;
    failed.detail = "502 bad gateway";
    bench.feed(failed, seconds(10));
}

TEST(ListingStep, OfTwoMachinesUnderOneLabelTheOneThatIsNotBoundGoes) {
    Bench bench;
    bench.run();
    const ListedMachine ours = bench.machine(MachineState::kRunning);
    ListedMachine twin = ours;
    twin.contract = ContractId{7777};
    bench.beat();
    bench.list({twin, ours});
    EXPECT_EQ(destroys(bench, twin.contract), 0) << "the grace has not passed";
    bench.beat(seconds(61));
    bench.list({twin, ours});
    EXPECT_EQ(destroys(bench, twin.contract), 1);
    EXPECT_EQ(destroys(bench, ours.contract), 0);
    EXPECT_EQ(bench.rent_phase(), "live");
}

TEST(ListingStep, AnEmptyListingWhileAgentsSpeakIsAFaultOfTheProvider) {
    Bench bench;
    const JobId job = bench.run();
    const Instant asked = bench.now;
    bench.beat(seconds(5));
    input::MachinesListed empty;
    empty.complete = true;
    empty.asked = asked;
    bench.feed(empty);
    EXPECT_TRUE(bench.has_event("provider.contradiction"));
    EXPECT_EQ(bench.state().provider.failures_in_a_row, 1);
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(ListingStep, AMachineListedAgainAfterItWasClosedIsDestroyedAgainAndBillsOn) {
    Bench bench;
    bench.run();
    bench.finish();
    bench.vanish();
    ASSERT_EQ(bench.rent_phase(), "closed");
    bench.tick(minutes(5));
    bench.list({bench.machine(MachineState::kRunning)});
    EXPECT_EQ(bench.rent_phase(), "closing");
    EXPECT_EQ(destroys(bench, bench.contract), 1);
    EXPECT_FALSE(bench.intent().disk_end);
    EXPECT_FALSE(bench.intent().gpu_end);
}

TEST(ListingStep, AMachineThatIsListedLongAfterItsDestroySucceededBillsOn) {
    Bench bench;
    bench.run();
    bench.finish();
    bench.feed(input::DestroyEnded{bench.created->intent.id, input::CallOutcome::kDone, ""});
    ASSERT_TRUE(bench.intent().disk_end);
    bench.list({bench.machine(MachineState::kRunning)});
    EXPECT_TRUE(bench.intent().disk_end) << "listings lag";
    bench.tick(minutes(3));
    bench.list({bench.machine(MachineState::kRunning)});
    EXPECT_FALSE(bench.intent().disk_end);
    EXPECT_FALSE(bench.intent().gpu_end);
}

TEST(ListingStep, AfterThreeFailedListingsNothingIsRentedUntilTheProviderIsSeenAgain) {
    Bench bench;
    bench.list({});
    for (int i = 0; i < 3; ++i)
        fail_listing(bench);
    EXPECT_TRUE(bench.has_event("provider.blind"));
    const JobId job = bench.submit();
    bench.offer({make_offer(101, 200'000)});
    EXPECT_FALSE(bench.created);
    EXPECT_EQ(bench.phase_of(job), "queued");
    bench.list({});
    EXPECT_TRUE(bench.has_event("provider.seen_again"));
    EXPECT_TRUE(bench.created);
}

TEST(ListingStep, AnIncompleteListingClosesNothing) {
    Bench bench;
    bench.run();
    bench.finish();
    for (int i = 0; i < 10; ++i)
        fail_listing(bench);
    EXPECT_EQ(bench.rent_phase(), "closing");
}

TEST(ListingStep, AnOlderListingThatArrivesLateIsIgnored) {
    Bench bench;
    bench.place();
    bench.create_done();
    const Instant early = bench.now;
    bench.list({bench.machine(MachineState::kStarting)}, seconds(5));
    bench.list({bench.machine(MachineState::kStarting)}, seconds(5));
    input::MachinesListed late;
    late.complete = true;
    late.asked = early;
    bench.feed(late);
    EXPECT_EQ(bench.state().provider.machines.size(), 1U);
}

TEST(ListingStep, AMachineThatWasPromisedButNeverAppearsEndsTheAttempt) {
    Bench bench;
    const JobId job = bench.place();
    bench.create_done();
    bench.tick(minutes(1));
    bench.list({});
    EXPECT_EQ(bench.rent_phase(), "bound");
    bench.tick(minutes(2));
    bench.list({});
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(bench.rent_phase(), "closing");
}

TEST(ListingStep, AMachineThatCannotStartIsGivenUpAtOnce) {
    Bench bench;
    const JobId job = bench.place();
    bench.create_done();
    bench.list({bench.machine(MachineState::kFailed)});
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(bench.rent_phase(), "closing");
}

TEST(ListingStep, AMachineThatWaitsForItsGpusIsGivenHalfAMinute) {
    Bench bench;
    bench.place();
    bench.create_done();
    bench.tick(seconds(40));
    bench.list({bench.machine(MachineState::kQueued)});
    EXPECT_EQ(bench.rent_phase(), "bound") << "it waits since a moment ago";
    bench.tick(seconds(10));
    bench.list({bench.machine(MachineState::kStarting)});
    bench.tick(seconds(40));
    bench.list({bench.machine(MachineState::kQueued)});
    EXPECT_EQ(bench.rent_phase(), "bound") << "it waits anew";
    bench.tick(seconds(30));
    bench.list({bench.machine(MachineState::kQueued)});
    EXPECT_EQ(bench.rent_phase(), "closing");
    EXPECT_TRUE(bench.has_event("attempt.ended"));
}

TEST(ListingStep, AMachineWhoseAgentHadJoinedAndThatWaitsForItsGpusWasTakenAway) {
    Bench bench;
    const JobId job = bench.run();
    bench.tick(seconds(25));
    bench.list({bench.machine(MachineState::kQueued)});
    bench.find_outcome(job);
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(ListingStep, AHintBringsTheNextListingForwardAndManyAreOne) {
    Bench bench;
    bench.run();
    bench.beat(seconds(5));
    bench.list({bench.machine(MachineState::kRunning)});
    bench.beat(seconds(5));
    ASSERT_FALSE(bench.asks_for<effect::ListMachines>()) << "all is quiet";
    bench.feed(input::ProviderHinted{"outbid"}, seconds(1));
    EXPECT_FALSE(bench.asks_for<effect::ListMachines>()) << "the listing lags behind the hint";
    int listings = 0;
    for (int i = 0; i < 50; ++i) {
        bench.feed(input::ProviderHinted{"outbid"}, milliseconds(100));
        if (bench.asks_for<effect::ListMachines>()) ++listings;
    }
    EXPECT_EQ(listings, 1) << "while one is under way hints wait for its answer";
    EXPECT_EQ(bench.rent_phase(), "live") << "a hint is no fact";
    bench.list({bench.machine(MachineState::kRunning)});
    EXPECT_TRUE(bench.asks_for<effect::ListMachines>()) << "of what came meanwhile";
    bench.list({bench.machine(MachineState::kRunning)});
    bench.beat(seconds(3));
    EXPECT_FALSE(bench.asks_for<effect::ListMachines>());
}

}  // namespace
}  // namespace herder
