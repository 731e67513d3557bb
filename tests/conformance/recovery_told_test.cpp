// Every way in which a rental goes wrong on the market leads to the right action, told to people in
// one sentence: the core's events as the API shows them and `herder events` tells them.
#include <gtest/gtest.h>

#include "api/view_json.h"
#include "cli/event_text.h"
#include "core/step/core_fixture.h"

namespace herder {
namespace {

// A job that runs on a machine whose contract has no end.
JobId run_for_ever(Bench& bench) {
    bench.list({});
    const JobId job = bench.submit();
    Offer offer = make_offer(101, 200'000);
    offer.remaining = kForever;
    bench.offer({offer});
    bench.create_done();
    HERDER_ASSERT(bench.join().has_value());
    bench.report({});
    bench.beat(seconds(1));
    return job;
}

void lose_to(Bench& bench, MachineState state, Duration silent = seconds(25)) {
    const JobId job = run_for_ever(bench);
    bench.tick(silent);
    bench.list({bench.machine(state)});
    bench.find_outcome(job);
}

void outbid(Bench& bench) {
    lose_to(bench, MachineState::kStopped);
}
void queued(Bench& bench) {
    lose_to(bench, MachineState::kQueued);
}
void offline(Bench& bench) {
    lose_to(bench, MachineState::kOffline, seconds(40));
}

void wakes(Bench& bench) {
    outbid(bench);
    bench.list({bench.machine(MachineState::kStopped)}, seconds(40));
    bench.list({bench.machine(MachineState::kRunning)}, seconds(10));
    bench.tick(seconds(31));
}

void stopped_at_its_end(Bench& bench) {
    const JobId job = run_for_ever(bench);
    bench.tick(seconds(25));
    ListedMachine machine = bench.machine(MachineState::kStopped);
    machine.lasts = bench.now - *bench.intent().bound;
    bench.list({machine});
    bench.find_outcome(job);
}

void ends_soon(Bench& bench) {
    run_for_ever(bench);
    ListedMachine machine = bench.machine(MachineState::kRunning);
    machine.lasts = bench.now - *bench.intent().bound + minutes(7);
    bench.beat();
    bench.list({machine});
    bench.beat(seconds(1));
    bench.finish({EndReason::kContractEnd, 0, ""});
}

void dearer(Bench& bench) {
    run_for_ever(bench);
    bench.feed(
        input::IncreasesRead{{{.id = 4, .contract = bench.contract, .gpu_price = {900'000}}}});
}

void maintenance(Bench& bench) {
    run_for_ever(bench);
    bench.feed(
        input::MaintenancesRead{{{.machine = 1010, .begins_in = minutes(7), .lasts = hours(2)}}});
    bench.beat(seconds(1));
    bench.finish({EndReason::kMaintenance, 0, ""});
}

struct Cause {
    const char* name;
    void (*happen)(Bench&);
    const char* kind;      // the event that tells it
    const char* sentence;  // what its sentence begins with or holds
    const char* phase;     // of the job afterwards
    bool gives_back;       // the machine
};

const Cause kCauses[] = {
    {"Outbid", outbid, "attempt.lost",
     "the machine is lost: the machine was taken away (outbid or an on-demand renter): its GPUs "
     "went to somebody who pays more or rents on demand; what is left of it is destroyed, for its "
     "disk costs on",
     "recovering", true},
    {"QueuedStart", queued, "attempt.lost",
     "its GPUs went to somebody else and it waits to start again; it is destroyed before that "
     "fires and costs, maybe hours later",
     "recovering", true},
    {"WakesAlone", wakes, "machine.woke",
     "given up before, runs again by itself: its agent is turned away and it is destroyed",
     "recovering", true},
    {"StoppedAtItsEnd", stopped_at_its_end, "attempt.lost",
     "its contract has ended; what is left of it is destroyed, for its disk costs on", "recovering",
     true},
    {"EndsSoon", ends_soon, "attempt.moving", "the rental ends in ", "recovering", true},
    {"PriceIncrease", dearer, "contract.dearer",
     "the host wants more from the end of the contract on: ", "running", false},
    {"Maintenance", maintenance, "attempt.moving", "the host's maintenance begins in ",
     "recovering", true},
    {"HostOffline", offline, "attempt.lost",
     "its host is offline, which costs nothing; should it come back, it is turned away and "
     "destroyed",
     "recovering", true},
};

class RecoveryTold : public testing::TestWithParam<Cause> {};

TEST_P(RecoveryTold, InOneSentenceAndActedOn) {
    const Cause& cause = GetParam();
    Bench bench;
    cause.happen(bench);
    cli::EventTeller teller;
    int told = 0;
    for (const Event& event : bench.story) {
        if (event.row) continue;
        const auto json = protocol::parse_json(api::event_view(event), 1 << 20);
        ASSERT_TRUE(json.has_value()) << api::event_view(event);
        const std::string sentence = teller.tell(*json);
        if (event.kind != cause.kind) continue;
        ++told;
        EXPECT_NE(sentence.find(cause.sentence), std::string::npos) << sentence;
        EXPECT_EQ(sentence.find('\n'), std::string::npos);
        EXPECT_TRUE(cli::is_headline(event.kind));
    }
    EXPECT_EQ(told, 1);
    ASSERT_EQ(bench.state().jobs.size(), 1U);
    EXPECT_EQ(to_string(bench.state().jobs.begin()->second.phase), cause.phase);
    const bool is_given_back = bench.rent_phase() == std::string("closing");
    EXPECT_EQ(is_given_back, cause.gives_back);
}

INSTANTIATE_TEST_SUITE_P(Causes, RecoveryTold, testing::ValuesIn(kCauses),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace herder
