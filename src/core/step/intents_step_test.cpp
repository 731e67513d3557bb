// Every phase of a rental against every input that concerns it, and the stories behind the cells.
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

using input::CallOutcome;

// A bench with one rental brought to a phase.
struct Scene {
    Bench bench;
    JobId job;
    IntentId rental;

    std::string phase() const { return to_string(bench.state().intents.at(rental).phase); }
};

void rent_one(Scene& scene) {
    scene.bench.list({});
    scene.job = scene.bench.submit();
    scene.bench.offer({make_offer(101, 200'000)});
    scene.rental = scene.bench.created->intent.id;
}
void make_planned(Scene& scene) {
    // The second of two jobs waits for the provider's minimum interval between create calls.
    scene.bench.list({});
    scene.bench.submit();
    scene.job = scene.bench.submit();
    scene.bench.offer({make_offer(101, 200'000), make_offer(102, 300'000)});
    scene.rental = scene.bench.state().attempts.at({scene.job, Fence{1}}).members.at(0).intent;
}
void make_sent(Scene& scene) {
    rent_one(scene);
    scene.bench.feed(input::CreateStarted{scene.rental});
}
void make_unknown(Scene& scene) {
    make_sent(scene);
    scene.bench.call_ends(CallOutcome::kUnknown);
}
void make_refused(Scene& scene) {
    rent_one(scene);
    scene.bench.call_ends(CallOutcome::kRefused);
}
void make_abandoned(Scene& scene) {
    make_unknown(scene);
    const effect::CreateMachine first = *scene.bench.created;
    scene.bench.list({});
    for (int i = 0; i < 3; ++i)
        scene.bench.list({}, minutes(2));
    scene.bench.offer({make_offer(102, 300'000)});  // replaced by the next
    scene.bench.created = first;
}
void make_bound(Scene& scene) {
    rent_one(scene);
    scene.bench.create_done();
}
void make_live(Scene& scene) {
    make_bound(scene);
    HERDER_ASSERT(scene.bench.join().has_value());
}
void make_closing(Scene& scene) {
    make_bound(scene);
    HERDER_ASSERT(scene.bench.cancel(scene.job));
}
void make_closed(Scene& scene) {
    make_closing(scene);
    scene.bench.vanish();
}
void make_settled(Scene& scene) {
    make_closed(scene);
    input::ChargesRead read;
    read.complete = true;
    scene.bench.tick(hours(1));
    read.asked = scene.bench.now;
    scene.bench.feed(read);
}

struct Start {
    const char* phase;
    std::function<void(Scene&)> make;
};
const std::array<Start, 11> kStarts{{{"planned", make_planned},
                                     {"armed", rent_one},
                                     {"sent", make_sent},
                                     {"unknown", make_unknown},
                                     {"refused", make_refused},
                                     {"abandoned", make_abandoned},
                                     {"bound", make_bound},
                                     {"live", make_live},
                                     {"closing", make_closing},
                                     {"closed", make_closed},
                                     {"settled", make_settled}}};

void end_call(Scene& scene, CallOutcome outcome, ContractId contract, bool not_sent = false) {
    input::CreateEnded ended;
    ended.intent = scene.rental;
    ended.outcome = outcome;
    ended.contract = contract;
    ended.not_sent = not_sent;
    scene.bench.feed(ended);
}
void list_it(Scene& scene) {
    ListedMachine machine;
    machine.contract = scene.bench.contract;
    machine.label = make_label(kCluster, scene.rental);
    machine.state = MachineState::kRunning;
    scene.bench.list({machine});
}
void join_it(Scene& scene) {
    input::AgentJoined in;
    in.intent = scene.rental;
    in.token_hash = sha256_hex(scene.bench.created->join_token);
    in.session_hash = sha256_hex("session");
    in.contract = scene.bench.contract;
    scene.bench.feed(in);
}

struct Step {
    const char* name;
    std::function<void(Scene&)> act;
};
const std::array<Step, 13> kSteps{{
    {"create started", [](Scene& s) { s.bench.feed(input::CreateStarted{s.rental}); }},
    {"create done", [](Scene& s) { end_call(s, CallOutcome::kDone, s.bench.contract); }},
    {"refused", [](Scene& s) { end_call(s, CallOutcome::kRefused, {}); }},
    {"refused, with contract",
     [](Scene& s) { end_call(s, CallOutcome::kRefused, s.bench.contract); }},
    {"unknown", [](Scene& s) { end_call(s, CallOutcome::kUnknown, {}); }},
    {"not sent", [](Scene& s) { end_call(s, CallOutcome::kRefused, {}, true); }},
    {"listed", list_it},
    {"not listed", [](Scene& s) { s.bench.list({}); }},
    {"destroy done",
     [](Scene& s) { s.bench.feed(input::DestroyEnded{s.rental, CallOutcome::kDone, ""}); }},
    {"joined", join_it},
    {"job cancelled", [](Scene& s) { s.bench.cancel(s.job); }},
    {"leadership", [](Scene& s) { s.bench.lead(); }},
    {"an hour passes", [](Scene& s) { s.bench.tick(hours(1)); }},
}};

// One row per phase, one column per step above; empty: unchanged.
using Row = std::array<const char*, 13>;
const std::array<Row, 11> kExpected{{
    // started done refused refused+contract unknown not_sent listed absent destroyed joined cancel
    // leadership hour
    {"", "", "", "", "", "", "", "", "", "", "refused", "refused", "refused"},
    {"sent", "bound", "refused", "closing", "unknown", "refused", "bound", "", "", "live", "",
     "unknown", "unknown"},
    {"", "bound", "refused", "closing", "unknown", "refused", "bound", "", "", "live", "",
     "unknown", "unknown"},
    {"", "bound", "refused", "closing", "", "refused", "bound", "", "", "live", "", "", ""},
    {"", "closing", "", "closing", "", "", "closing", "", "", "", "", "", ""},
    {"", "closing", "", "closing", "", "", "closing", "", "", "", "", "", ""},
    {"", "", "", "", "", "", "", "", "", "live", "closing", "", "closing"},
    {"", "", "", "", "", "", "", "", "", "", "", "", ""},
    {"", "", "", "", "", "", "", "", "", "", "", "", ""},
    {"", "", "", "", "", "", "closing", "", "", "", "", "", ""},
    {"", "", "", "", "", "", "closing", "", "", "", "", "", ""},
}};

TEST(IntentsStep, EveryPhaseAgainstEveryInput) {
    for (std::size_t row = 0; row < kStarts.size(); ++row) {
        for (std::size_t column = 0; column < kSteps.size(); ++column) {
            Scene scene;
            kStarts[row].make(scene);
            ASSERT_EQ(scene.phase(), kStarts[row].phase) << "the scene was not set";
            kSteps[column].act(scene);
            const std::string expected = kExpected[row][column];
            EXPECT_EQ(scene.phase(), expected.empty() ? kStarts[row].phase : expected)
                << kStarts[row].phase << " + " << kSteps[column].name;
        }
    }
}

TEST(IntentsStep, NoInputMakesASecondCallForTheSameRental) {
    for (const Start& start : kStarts) {
        for (const Step& step : kSteps) {
            Scene scene;
            start.make(scene);
            if (std::string(start.phase) == "planned") continue;
            step.act(scene);
            for (const Effect& effect : scene.bench.last.effects) {
                const auto* create = std::get_if<effect::CreateMachine>(&effect);
                EXPECT_FALSE(create != nullptr && create->intent.id == scene.rental)
                    << start.phase << " + " << step.name;
            }
        }
    }
}

TEST(IntentsStep, EveryPhaseSurvivesARestartFromTheStoredRows) {
    for (const Start& start : kStarts) {
        Scene scene;
        start.make(scene);
        scene.bench.restart();
        const bool may_change = std::string(start.phase) == "planned" ||
                                std::string(start.phase) == "armed" ||
                                std::string(start.phase) == "sent";
        if (!may_change) EXPECT_EQ(scene.phase(), start.phase);
        if (start.phase == std::string("closing")) {
            EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
        }
    }
}

TEST(IntentsStep, TheErrorThatCarriesAContractEndsTheAttemptAndTheJobIsPlacedAgain) {
    Scene scene;
    make_sent(scene);
    scene.bench.call_ends(CallOutcome::kRefused, scene.bench.contract);
    EXPECT_EQ(scene.phase(), "closing");
    EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
    EXPECT_EQ(scene.bench.phase_of(scene.job), "recovering");
}

TEST(IntentsStep, ALateMachineOfAnAbandonedRentalIsDestroyedAndTheReplacementGoesOn) {
    Scene scene;
    make_abandoned(scene);
    list_it(scene);
    EXPECT_EQ(scene.phase(), "closing");
    EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
    EXPECT_EQ(scene.bench.phase_of(scene.job), "placing");
}

TEST(IntentsStep, AMachineOfARefusedCallThatTurnsUpInTimeIsUsedAndReservedForAgain) {
    Scene scene;
    rent_one(scene);
    scene.bench.tick(minutes(2));  // the offers are stale: no replacement at once
    scene.bench.call_ends(CallOutcome::kRefused);
    ASSERT_EQ(scene.phase(), "refused");
    EXPECT_EQ(scene.bench.intent().reserved, Usd{});
    list_it(scene);
    EXPECT_EQ(scene.phase(), "bound");
    EXPECT_GT(scene.bench.intent().reserved, Usd{});
}

TEST(IntentsStep, AMachineThatNeverBootsIsDestroyedInTheVeryStepOfItsDeadline) {
    Scene scene;
    make_bound(scene);
    scene.bench.tick(minutes(16));
    EXPECT_EQ(scene.phase(), "closing");
    EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
    EXPECT_EQ(scene.bench.phase_of(scene.job), "recovering");
}

TEST(IntentsStep, ADestroyThatWasAnsweredWithSuccessIsRepeatedWhileTheMachineIsListed) {
    Scene scene;
    make_closing(scene);
    for (int i = 0; i < 5; ++i) {
        scene.bench.feed(input::DestroyEnded{scene.rental, CallOutcome::kDone, ""});
        scene.bench.tick(seconds(1));
        scene.bench.list({scene.bench.machine(MachineState::kRunning)});
        scene.bench.tick(seconds(31));
        EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
    }
    EXPECT_EQ(scene.phase(), "closing");
}

// Each takes the market's interval of three seconds: repeated twice a minute, ten machines would
// take up every turn, and whatever comes later would wait for ever.
TEST(IntentsStep, ADestroyThatWasAnsweredWithSuccessIsSeldomRepeatedWhileNoListingComes) {
    Scene scene;
    make_closing(scene);
    scene.bench.feed(input::DestroyEnded{scene.rental, CallOutcome::kDone, ""});
    int repeats = 0;
    for (int i = 0; i < 60; ++i) {
        scene.bench.tick(seconds(31));
        if (!scene.bench.asks_for<effect::DestroyMachine>()) continue;
        ++repeats;
        scene.bench.feed(input::DestroyEnded{scene.rental, CallOutcome::kDone, ""});
    }
    EXPECT_GE(repeats, 2);
    EXPECT_LE(repeats, 4);
    EXPECT_EQ(scene.phase(), "closing");
}

TEST(IntentsStep, ADestroyWithoutASuccessIsRepeatedTwiceAMinute) {
    for (const CallOutcome outcome : {CallOutcome::kRefused, CallOutcome::kUnknown}) {
        Scene scene;
        make_closing(scene);
        for (int i = 0; i < 3; ++i) {
            scene.bench.feed(input::DestroyEnded{scene.rental, outcome, "429"});
            scene.bench.tick(seconds(31));
            EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
        }
    }
}

TEST(IntentsStep, TheDestroyOfASecondMachineDoesNotEndTheBillOfTheFirst) {
    Scene scene;
    make_live(scene);
    scene.bench.feed(input::DestroyEnded{scene.rental, CallOutcome::kDone, "the other one"});
    EXPECT_FALSE(scene.bench.intent().disk_end);
    EXPECT_FALSE(scene.bench.intent().gpu_end);
}

TEST(IntentsStep, AContractThatBelongsToAnotherRentalIsNotTakenTwice) {
    Bench bench;
    bench.list({});
    bench.submit();
    bench.submit();
    bench.offer({make_offer(101, 200'000), make_offer(102, 300'000)});
    bench.create_done();
    bench.tick(seconds(5));
    bench.create_done();  // the second rental's call answers with the first one's contract
    EXPECT_EQ(bench.rent_phase(), "armed");
}

TEST(IntentsStep, NothingThatComesLateTouchesARentalThatIsSettled) {
    Scene scene;
    make_live(scene);
    scene.bench.report({});
    ASSERT_TRUE(scene.bench.cancel(scene.job));
    scene.bench.finish();
    scene.bench.vanish();
    scene.bench.tick(hours(1));
    input::ChargesRead read;
    read.complete = true;
    read.asked = scene.bench.now;
    scene.bench.feed(read);
    ASSERT_EQ(scene.phase(), "settled");
    const std::vector<std::function<void()>> late = {
        [&] { scene.bench.feed(input::CreateStarted{scene.rental}); },
        [&] { end_call(scene, CallOutcome::kDone, scene.bench.contract); },
        [&] { end_call(scene, CallOutcome::kRefused, {}); },
        [&] { end_call(scene, CallOutcome::kUnknown, {}); },
        [&] { scene.bench.feed(input::DestroyEnded{scene.rental, CallOutcome::kDone, ""}); },
        [&] { scene.bench.feed(input::AgentGone{scene.rental, sha256_hex("session")}); },
        [&] { scene.bench.beat(); },
        [&] { join_it(scene); },
        [&] { scene.bench.list({}); },
    };
    for (std::size_t i = 0; i < late.size(); ++i) {
        late[i]();
        EXPECT_EQ(scene.phase(), "settled") << i;
        EXPECT_TRUE(scene.bench.last.changes.empty()) << i;
        EXPECT_TRUE(scene.bench.last.events.empty()) << i;
    }
}

}  // namespace
}  // namespace herder
