// From the rent call's answer to the agent: stages, words of the host, deadlines.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

std::string field_of(const Bench& bench, const std::string& kind, const std::string& name) {
    for (const Event& event : bench.last.events) {
        if (event.kind != kind) continue;
        for (const auto& [key, value] : event.fields) {
            if (key == name) return value;
        }
    }
    return "no " + kind;
}

EndReason end_reason(const Bench& bench) {
    return std::get<attempt_phase::Ended>(bench.attempt().phase).reason;
}

// A machine that is bound, and what a listing says of it.
void list_as(Bench& bench, MachineState state, const std::string& detail = "") {
    ListedMachine machine = bench.machine(state);
    machine.detail = detail;
    bench.list({machine});
}

TEST(BootStep, TellsEachStageOnce) {
    Bench bench;
    bench.place();
    EXPECT_EQ(bench.intent().boot, BootStage::kAsked);
    bench.create_done();
    list_as(bench, MachineState::kStarting, "actual loading");
    EXPECT_TRUE(bench.has_event("machine.pulling"));
    list_as(bench, MachineState::kStarting, "actual loading: Pull complete");
    EXPECT_FALSE(bench.has_event("machine.pulling"));
    list_as(bench, MachineState::kRunning, "success");
    EXPECT_TRUE(bench.has_event("machine.starting"));
    list_as(bench, MachineState::kStarting, "an older word");
    EXPECT_EQ(bench.intent().boot, BootStage::kStarting);
    ASSERT_TRUE(bench.join());
    EXPECT_EQ(bench.intent().boot, BootStage::kJoined);
    bench.report({});
    EXPECT_EQ(bench.intent().boot, BootStage::kAdmitted);
}

TEST(BootStep, TheDaemonsWordsEndTheAttemptAtOnceAndAreToldInWords) {
    Bench bench;
    const JobId job = bench.place();
    bench.create_done();
    list_as(bench, MachineState::kFailed,
            "actual created: Error response from daemon: failed to inject CDI devices");
    EXPECT_EQ(end_reason(bench), EndReason::kAdmissionFailed);
    EXPECT_EQ(field_of(bench, "machine.given_back", "why"),
              "the host cannot hand its GPUs to a container (CDI devices are not resolved)");
    EXPECT_EQ(field_of(bench, "machine.given_back", "machine"), "1010");
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(bench.state().jobs.at(job).user_restarts, 0);
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
}

// Binds the job's next attempt to a machine of its own.
void rent_again(Bench& bench, std::int64_t ask, std::int64_t contract) {
    bench.tick(minutes(2));
    bench.offer({make_offer(ask, 300'000)});
    bench.contract = ContractId{contract};
    bench.create_done();
}

TEST(BootStep, AnImageThatTwoMachinesCannotUseFailsTheJob) {
    Bench bench;
    JobSpec spec = make_spec();
    spec.image = "acme/train:2";
    bench.list({});
    const JobId job = bench.submit(spec);
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    list_as(bench, MachineState::kFailed, "manifest unknown");
    EXPECT_EQ(end_reason(bench), EndReason::kImageError);
    EXPECT_EQ(bench.phase_of(job), "recovering") << "one host may be wrong";
    rent_again(bench, 102, 5002);
    list_as(bench, MachineState::kFailed, "manifest unknown");
    ASSERT_EQ(bench.phase_of(job), "failed");
    const auto& failed = std::get<phase::Failed>(bench.state().jobs.at(job).phase);
    EXPECT_EQ(failed.reason, EndReason::kImageError);
    EXPECT_EQ(failed.detail,
              "there is no image acme/train:2: the registry does not know this name or tag");
}

TEST(BootStep, AnotherFailureInBetweenStartsTheImagesCountAnew) {
    Bench bench;
    const JobId job = bench.place();
    bench.create_done();
    list_as(bench, MachineState::kFailed, "manifest unknown");
    rent_again(bench, 102, 5002);
    list_as(bench, MachineState::kFailed, "no space left on device");
    rent_again(bench, 103, 5003);
    list_as(bench, MachineState::kFailed, "manifest unknown");
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(BootStep, ADiskThatIsSmallerThanAskedForIsGivenBackBeforeAnythingRuns) {
    Bench bench;
    bench.place();
    bench.create_done();
    ListedMachine machine = bench.machine(MachineState::kStarting);
    machine.disk = gigabytes(5);
    bench.list({machine});
    EXPECT_EQ(end_reason(bench), EndReason::kAdmissionFailed);
    EXPECT_EQ(field_of(bench, "machine.given_back", "why"), "disk 5.0 GB instead of 10 GB");
    EXPECT_GE(bench.state().meta.avoided_machines.at(1010), bench.now + hours(23));
}

TEST(BootStep, AHostThatStaysOfflineIsNotWaitedForUntilTheDeadline) {
    Bench bench;
    bench.place();
    bench.create_done();
    list_as(bench, MachineState::kOffline);
    EXPECT_EQ(bench.rent_phase(), "bound");
    bench.tick(minutes(2));
    list_as(bench, MachineState::kOffline);
    EXPECT_EQ(end_reason(bench), EndReason::kHostLost);
}

TEST(BootStep, AStartThatIsQueuedIsDestroyedBeforeItFires) {
    Bench bench;
    bench.place();
    bench.create_done();
    list_as(bench, MachineState::kQueued);
    bench.tick(seconds(30));
    list_as(bench, MachineState::kQueued);
    EXPECT_EQ(end_reason(bench), EndReason::kPreempted);
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
}

TEST(BootStep, TheDeadlineIsLearnedFromMachinesThatCameUp) {
    Bench bench;
    bench.place();
    bench.create_done();
    const auto deadline = [&bench] {
        const auto& bound = std::get<rent::Bound>(bench.intent().phase);
        return bound.join_deadline - bound.since;
    };
    EXPECT_EQ(deadline(), minutes(15));
    bench.tick(minutes(11));
    ASSERT_TRUE(bench.join());
    const BootRecord learned = bench.state().meta.boots.at("");
    EXPECT_NEAR(static_cast<double>(learned.megabits), 10 * 60 * 500, 500);
    bench.restart();
    EXPECT_EQ(bench.state().meta.boots.at(""), learned) << "kept over a restart";
    bench.submit();
    bench.list({bench.machine(MachineState::kRunning)});
    Offer slow = make_offer(103, 100'000);
    slow.download_mbps = 400;
    bench.offer({slow});
    bench.contract = ContractId{5003};
    bench.create_done();
    // (1 min + 10 min * 500 / 400) * 3 + 2 min
    EXPECT_NEAR(static_cast<double>(deadline().us) / 60e6, 42.5, 0.1);
}

TEST(BootStep, ASilentContainersLogIsReadAndItsVerdictEndsTheWait) {
    Bench bench;
    const JobId job = bench.place();
    bench.create_done();
    list_as(bench, MachineState::kRunning, "success");
    EXPECT_FALSE(bench.asks_for<effect::ReadBootLog>());
    bench.tick(seconds(61));
    ASSERT_TRUE(bench.asks_for<effect::ReadBootLog>());
    bench.tick(seconds(5));
    EXPECT_FALSE(bench.asks_for<effect::ReadBootLog>()) << "not at every step";
    bench.feed(input::BootLogRead{bench.intent().id, "pulling\n"});
    EXPECT_EQ(bench.rent_phase(), "bound") << "a log without a verdict decides nothing";
    bench.feed(input::BootLogRead{bench.intent().id,
                                  "herder-boot: verdict no_fetcher: the image has no curl\n"});
    EXPECT_EQ(end_reason(bench), EndReason::kImageError);
    EXPECT_EQ(field_of(bench, "machine.given_back", "why"),
              "the agent could not be started: the image has no curl");
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(BootStep, AVerdictAboutTheNetworkIsGivenTimeToPass) {
    Bench bench;
    bench.place();
    bench.create_done();
    list_as(bench, MachineState::kRunning, "success");
    const input::BootLogRead unreachable{
        bench.intent().id, "herder-boot: verdict unreachable: not to be had with curl from x\n"};
    bench.tick(seconds(61));
    bench.feed(unreachable);
    EXPECT_EQ(bench.rent_phase(), "bound");
    bench.tick(minutes(2));
    EXPECT_TRUE(bench.asks_for<effect::ReadBootLog>());
    bench.feed(unreachable);
    EXPECT_EQ(end_reason(bench), EndReason::kBootTimeout);
}

TEST(BootStep, AVerdictThatComesAfterTheAgentDecidesNothing) {
    Bench bench;
    const JobId job = bench.run();
    bench.feed(
        input::BootLogRead{bench.intent().id, "herder-boot: verdict unreachable: no answer\n"});
    EXPECT_EQ(bench.phase_of(job), "running");
    bench.feed(input::BootLogRead{IntentId{999}, "herder-boot: verdict no_fetcher: x\n"});
}

}  // namespace
}  // namespace herder
