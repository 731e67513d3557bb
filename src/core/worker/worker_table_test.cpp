// Every stage times every input: no input breaks a stage, and only the listed pairs change it.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/worker/worker_fixture.h"

namespace herder {
namespace {

WorkerFixture in_stage(WorkerStage stage) {
    WorkerFixture f;
    f.orders.assignment = f.assignment();
    f.orders.assignment->spec.setup = "true";
    if (stage == WorkerStage::kNew) return f;
    if (stage == WorkerStage::kWaiting) {
        f.feed(worker_input::Started{{7}, {3}, "v"});
        return f;
    }
    f.join();
    if (stage == WorkerStage::kRestoring) return f;
    f.feed(worker_input::RestoreEnded{});
    if (stage == WorkerStage::kSetup) return f;
    f.feed(worker_input::SetupEnded{});
    if (stage == WorkerStage::kRunning) return f;
    f.feed(worker_input::CheckpointFound{WorkerFixture::checkpoint(1, 10)});
    f.feed(worker_input::ProcessExited{});
    if (stage == WorkerStage::kPublishing) return f;
    f.feed(worker_input::UploadEnded{1, false, true});
    if (stage == WorkerStage::kStoring) return f;
    f.feed(worker_input::OutcomeStored{true});
    if (stage == WorkerStage::kDone) return f;
    f.orders.desired = DesiredState::kLeave;
    f.run_for(seconds(20));
    return f;
}

std::map<std::string, WorkerInput> inputs(const WorkerFixture& f) {
    const auto orders = [&f](auto change) {
        worker_input::OrdersReceived input{1000, f.now, f.orders};
        change(input.orders);
        return WorkerInput{input};
    };
    return {
        {"started", worker_input::Started{{7}, {3}, "v"}},
        {"resumed", worker_input::Resumed{}},
        {"orders run", orders([](AgentOrders&) {})},
        {"orders stop", orders([](AgentOrders& o) { o.desired = DesiredState::kStop; })},
        {"orders leave", orders([](AgentOrders& o) { o.desired = DesiredState::kLeave; })},
        {"orders fenced", orders([](AgentOrders& o) { o.fenced = true; })},
        {"orders settled", orders([](AgentOrders& o) { o.settled_local_seq = 1; })},
        {"orders measure", orders([](AgentOrders& o) {
             o.assignment.reset();
             o.admission = AdmissionTest{};
         })},
        {"measured", worker_input::AdmissionEnded{}},
        {"sync failed", worker_input::SyncFailed{1000}},
        {"files ready", worker_input::FilesReady{}},
        {"restore ok", worker_input::RestoreEnded{}},
        {"restore corrupt", worker_input::RestoreEnded{worker_input::RestoreResult::kCorrupt, ""}},
        {"restore failed", worker_input::RestoreEnded{worker_input::RestoreResult::kFailed, ""}},
        {"data unusable", worker_input::RestoreEnded{worker_input::RestoreResult::kUnusable, ""}},
        {"disk too small", worker_input::RestoreEnded{worker_input::RestoreResult::kDiskFull, ""}},
        {"setup ok", worker_input::SetupEnded{}},
        {"setup failed", worker_input::SetupEnded{.end = {.exit_code = 1}}},
        {"exited", worker_input::ProcessExited{}},
        {"found", worker_input::CheckpointFound{WorkerFixture::checkpoint(2, 20)}},
        {"not taken", worker_input::CheckpointRefused{"it has no files"}},
        {"uploaded", worker_input::UploadEnded{1, true}},
        {"staging lost", worker_input::UploadEnded{1, false, true}},
        {"step", worker_input::StepSeen{5}},
        {"health", worker_input::HealthSeen{}},
        {"stored", worker_input::OutcomeStored{true}},
        {"shutdown", worker_input::ShutdownNotice{}},
        {"timer", worker_input::TimerFired{}},
    };
}

using Move = std::pair<WorkerStage, std::string>;

std::map<Move, WorkerStage> moves() {
    using enum WorkerStage;
    std::map<Move, WorkerStage> table = {
        {{kNew, "started"}, kWaiting},
        {{kNew, "resumed"}, kStoring},
        {{kNew, "shutdown"}, kLeft},
        {{kWaiting, "orders run"}, kRestoring},
        {{kWaiting, "orders settled"}, kRestoring},
        {{kWaiting, "orders stop"}, kStoring},
        {{kWaiting, "shutdown"}, kStoring},
        {{kRestoring, "files ready"}, kSetup},
        {{kRestoring, "restore ok"}, kSetup},
        {{kRestoring, "restore corrupt"}, kWaiting},
        {{kRestoring, "restore failed"}, kStoring},
        {{kRestoring, "data unusable"}, kStoring},
        {{kRestoring, "disk too small"}, kStoring},
        {{kRestoring, "orders stop"}, kStoring},
        {{kRestoring, "shutdown"}, kStoring},
        {{kSetup, "setup ok"}, kRunning},
        {{kSetup, "setup failed"}, kStoring},
        {{kRunning, "exited"}, kStoring},
        {{kPublishing, "orders settled"}, kStoring},
        {{kPublishing, "staging lost"}, kStoring},
        {{kStoring, "stored"}, kDone},
    };
    for (const WorkerStage stage :
         {kWaiting, kRestoring, kSetup, kRunning, kPublishing, kStoring, kDone}) {
        table[{stage, "orders leave"}] = kLeft;
        table[{stage, "orders fenced"}] = kLeft;
    }
    return table;
}

TEST(WorkerTable, EveryStageTimesEveryInput) {
    using enum WorkerStage;
    const auto table = moves();
    int pairs = 0;
    for (const WorkerStage stage :
         {kNew, kWaiting, kRestoring, kSetup, kRunning, kPublishing, kStoring, kDone, kLeft}) {
        for (const auto& [name, input] : inputs(in_stage(stage))) {
            WorkerFixture f = in_stage(stage);
            ASSERT_EQ(f.brain.stage(), stage) << to_string(stage);
            f.feed(input);
            const auto expected = table.contains({stage, name}) ? table.at({stage, name}) : stage;
            EXPECT_STREQ(to_string(f.brain.stage()), to_string(expected))
                << to_string(stage) << " on " << name;
            EXPECT_GE(f.brain.wake_at(), f.now);
            ++pairs;
        }
    }
    EXPECT_EQ(pairs, 9 * 28);
}

TEST(WorkerTable, TimeAloneNeverSpins) {
    using enum WorkerStage;
    for (const WorkerStage stage :
         {kWaiting, kRestoring, kSetup, kRunning, kPublishing, kStoring, kDone, kLeft}) {
        WorkerFixture f = in_stage(stage);
        int steps = 0;
        const Instant end = f.now + hours(2);
        while (f.brain.wake_at() < end && steps < 20'000) {
            f.now = f.brain.wake_at();
            f.feed(worker_input::TimerFired{});
            f.settle(false);
            ++steps;
        }
        EXPECT_LT(steps, 5'000) << to_string(stage);
    }
}

}  // namespace
}  // namespace herder
