// The whole agent in this process against a tiny orchestrator: what the machine would see.
#include "worker/agent.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <signal.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

class AgentTest : public ::testing::Test {
  protected:
    AgentTest() {
        EXPECT_EQ(::pipe2(pipe_.data(), O_CLOEXEC), 0);
        settings_.urls = {server_.url()};
        settings_.intent = {7};
        settings_.join_token = "a-one-time-token";
        settings_.home = folder_.path();
        settings_.version = "test";
        settings_.machine_env = {"PATH=/usr/bin:/bin"};
        assignment_.job = {1};
    }
    ~AgentTest() override {
        ::close(pipe_[0]);
        ::close(pipe_[1]);
        ::close(signals_);
    }
    int run() { return Agent(settings_, DeadManLink(pipe_[1], "w"), clock_).run(signals_); }
    // Orders as a server would give them: the job once, then leave when its outcome is there.
    void serve(const std::function<void(const AgentReport&, protocol::SyncResponse&)>& more = {}) {
        server_.on_sync([this, more](const AgentReport& report) {
            protocol::SyncResponse response;
            response.outcome_url = "/artifacts/outcome.json";
            response.orders.report_every = milliseconds(100);
            if (report.phase == AgentPhase::kJoined) response.orders.assignment = assignment_;
            if (report.outcome) response.orders.desired = DesiredState::kLeave;
            if (more) more(report, response);
            return response;
        });
    }
    EndReason stored_reason() {
        const auto outcome = protocol::parse_outcome(server_.get("/artifacts/outcome.json"));
        EXPECT_TRUE(outcome);
        return outcome ? outcome->reason : EndReason::kHostLost;
    }

    FakeServer server_;
    TemporaryFolder folder_;
    MachineClock clock_;
    AgentSettings settings_;
    Assignment assignment_;
    std::array<int, 2> pipe_{};
    int signals_ = ::eventfd(0, EFD_CLOEXEC);
};

TEST_F(AgentTest, RunsAJobPublishesItsCheckpointAndLeaves) {
    assignment_.spec.setup = "echo set up";
    assignment_.spec.run = R"(
        mkdir -p $HERDER_CHECKPOINT_DIR/s; printf alpha > $HERDER_CHECKPOINT_DIR/s/w
        printf '{"path":"%s","step":3,"kind":"final"}\n' $HERDER_CHECKPOINT_DIR/s >> $HERDER_DIR/checkpoints.jsonl
        echo result > $HERDER_OUTPUT_DIR/r.txt; echo ran)";
    serve([](const AgentReport& report, protocol::SyncResponse& response) {
        if (!report.checkpoint) return;
        const std::uint64_t seq = report.checkpoint->local_seq;
        if (report.checkpoint->sealed) {
            response.orders.settled_local_seq = seq;
        } else {
            response.orders.grant = UploadGrant{{5}, seq, "n"};
            response.upload_urls = {{0, "/artifacts/o/0000"}};
        }
    });
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(server_.get("/artifacts/o/0000"), "alpha");
    EXPECT_EQ(server_.get("/artifacts/out/r.txt"), "result\n");
    EXPECT_EQ(server_.log("stdout"), "set up\nran\n");
    EXPECT_EQ(stored_reason(), EndReason::kSucceeded);
}

TEST_F(AgentTest, StopsAJobThatIgnoresEverything) {
    assignment_.spec.run =
        "trap '' TERM; echo started; while :; do read -t 1 x < <(:) || true; done";
    serve([](const AgentReport& report, protocol::SyncResponse& response) {
        if (report.phase != AgentPhase::kRunning) return;
        response.orders.desired = DesiredState::kStop;
        response.orders.stop_reason = EndReason::kCancelled;
        response.orders.stop_grace = milliseconds(200);
    });
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(stored_reason(), EndReason::kCancelled);
}

TEST_F(AgentTest, TheLastWordsOfAStoppedJobGoBeforeItsOutputs) {
    assignment_.spec.run = R"(
        echo result > $HERDER_OUTPUT_DIR/r.txt
        (echo started; exec tail -f /dev/null) || echo last words)";
    serve([this](const AgentReport& report, protocol::SyncResponse& response) {
        // Not before there is a child of the shell that can be told.
        const bool has_started = server_.objects().contains("log/stdout");
        if (report.phase != AgentPhase::kRunning || !has_started) return;
        response.orders.desired = DesiredState::kStop;
        response.orders.stop_reason = EndReason::kPreempted;
        response.orders.stop_grace = seconds(10);
    });
    std::optional<std::string> log;  // when the first object came
    server_.on_put([&] {
        const auto found = server_.objects().find("log/stdout");
        if (!log) log = found != server_.objects().end() ? found->second : "";
    });
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(server_.get("/artifacts/out/r.txt"), "result\n");
    EXPECT_NE(log.value_or("").find("last words"), std::string::npos) << log.value_or("nothing");
}

TEST_F(AgentTest, ACheckpointThatDoesNotArriveInTimeHoldsUpNothing) {
    assignment_.spec.env["HERDER_UPLOAD_RATE_MAX"] = "1B";  // it would take a week
    assignment_.spec.run = R"(
        mkdir -p $HERDER_CHECKPOINT_DIR/s; head -c 600000 /dev/zero > $HERDER_CHECKPOINT_DIR/s/w
        printf '{"path":"%s","step":3,"kind":"final"}\n' $HERDER_CHECKPOINT_DIR/s >> $HERDER_DIR/checkpoints.jsonl)";
    int granted = 0;
    int reports = 0;
    serve([&](const AgentReport& report, protocol::SyncResponse& response) {
        if (++reports > 300) response.orders.desired = DesiredState::kLeave;  // it does wait
        if (!report.checkpoint) return;
        response.orders.grant = UploadGrant{{5}, report.checkpoint->local_seq, "n"};
        response.upload_urls = {{0, "/artifacts/o/0000"}};
        // The job has ended, and its checkpoint is on its way.
        if (report.phase != AgentPhase::kStopping || ++granted < 4) return;
        response.orders.desired = DesiredState::kStop;
        response.orders.stop_reason = EndReason::kPreempted;
        response.orders.stop_grace = milliseconds(200);
    });
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(server_.get("/artifacts/o/0000"), "");
    EXPECT_EQ(stored_reason(), EndReason::kSucceeded);
    EXPECT_NE(server_.log("agent").find("n was not sent: it is not waited for any longer"),
              std::string::npos)
        << server_.log("agent");
}

TEST_F(AgentTest, FencedKillsAndLeavesNoOutcome) {
    assignment_.spec.run = "echo started; tail -f /dev/null";
    serve([](const AgentReport& report, protocol::SyncResponse& response) {
        response.orders.fenced = report.phase == AgentPhase::kRunning;
    });
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(server_.get("/artifacts/outcome.json"), "");
}

TEST_F(AgentTest, AFailedCommandIsReportedWithItsLastWords) {
    assignment_.spec.run = "echo 'No such dataset' >&2; exit 3";
    serve();
    EXPECT_EQ(run(), 0);
    const auto outcome = protocol::parse_outcome(server_.get("/artifacts/outcome.json"));
    EXPECT_EQ(outcome->reason, EndReason::kUserError);
    EXPECT_EQ(outcome->exit_code, 3);
    EXPECT_EQ(outcome->detail, "No such dataset");
}

TEST_F(AgentTest, ACheckpointThatCannotBeHadEndsTheSetupBesideIt) {
    assignment_.spec.setup = "echo setting up; tail -f /dev/null";
    assignment_.spec.checkpoint.stop_grace = milliseconds(200);
    assignment_.resume_from = CheckpointId{4};
    assignment_.resume_name = "k4";
    server_.answer_next("/artifacts/o0", 1000, 400, "no such thing");
    int reports = 0;
    serve([&](const AgentReport&, protocol::SyncResponse& response) {
        response.restore = protocol::RestorePlan{
            {4}, {{{"w.bin", Bytes{5}, crc32c("alpha"), 0640}, "/artifacts/o0"}}};
        if (++reports > 100) response.orders.desired = DesiredState::kLeave;  // it goes on
    });
    EXPECT_EQ(run(), 0);
    const auto outcome = protocol::parse_outcome(server_.get("/artifacts/outcome.json"));
    ASSERT_TRUE(outcome) << "setup went on";
    EXPECT_EQ(outcome->reason, EndReason::kUserError);
    EXPECT_TRUE(outcome->detail.starts_with("the checkpoint k4: file w.bin: ")) << outcome->detail;
    EXPECT_NE(server_.log("agent").find("; setup is ended, for the job cannot begin"),
              std::string::npos)
        << server_.log("agent");
}

// Of a process that was killed: a checkpoint of the job's that was staged and not sent.
class ResumedAgentTest : public AgentTest {
  protected:
    ResumedAgentTest() {
        const JobFolders folders(folder_.path());
        std::filesystem::create_directories(folders.outputs);
        std::ofstream(folders.outputs + "/r.txt") << "half a result";
        std::ofstream(folder_.path() + "/w.bin") << "alpha";
        CheckpointStaging staging(folders.staging);
        note_.memory.offers = {
            *staging.stage({folder_.path() + "/w.bin", 30, CheckpointKind::kPeriodic, {}}, 4)};
        note_.memory.fence = {3};
        note_.memory.assignment = assignment_;
        note_.memory.run_started = clock_.monotonic() - minutes(1);
        note_.intent = settings_.intent;
        LogSpool(folders.spool).append("stdout", "its last words");
        settings_.dead_man.word = "w";
        settings_.life = {1, SIGKILL, "session"};
        serve([](const AgentReport& report, protocol::SyncResponse& response) {
            if (!report.checkpoint) return;
            const std::uint64_t seq = report.checkpoint->local_seq;
            if (report.checkpoint->sealed) response.orders.settled_local_seq = seq;
            if (report.checkpoint->sealed) return;
            response.orders.grant = UploadGrant{{5}, seq, "n"};
            response.upload_urls = {{0, "/artifacts/o/0000"}};
        });
    }
    void save() { ASSERT_TRUE(AgentJournal(folder_.path() + "/journal", "w").save(note_)); }
    bool has_joined() {
        const auto& calls = server_.calls();
        return std::any_of(calls.begin(), calls.end(), [](const std::string& call) {
            return call.find(protocol::kAgentJoin) != std::string::npos;
        });
    }
    AgentJournal::Note note_;
};

TEST_F(ResumedAgentTest, SendsWhatWasStagedAndSaysWhatBecameOfTheJob) {
    save();
    EXPECT_EQ(run(), 0);
    EXPECT_FALSE(has_joined());
    EXPECT_EQ(server_.get("/artifacts/o/0000"), "alpha");
    EXPECT_EQ(server_.get("/artifacts/out/r.txt"), "half a result");
    EXPECT_EQ(server_.log("stdout"), "its last words");
    const auto outcome = protocol::parse_outcome(server_.get("/artifacts/outcome.json"));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->reason, EndReason::kAgentLost);
    EXPECT_NE(outcome->detail.find("signal 9 (SIGKILL)"), std::string::npos) << outcome->detail;
    EXPECT_EQ(server_.reports().front().checkpoint->local_seq, 4U);
    EXPECT_GT(server_.reports().front().sequence, 1'000'000'000U);
    EXPECT_GE(server_.reports().front().ran, minutes(1));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/journal")) << "nothing is left to do";
}

TEST_F(ResumedAgentTest, WhatIsNotWhatItWasIsNotSent) {
    std::ofstream(folder_.path() + "/w.bin") << "alpho";
    save();
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(server_.get("/artifacts/o/0000"), "");
    EXPECT_NE(server_.log("agent").find("w.bin is not what it was"), std::string::npos)
        << server_.log("agent");
    EXPECT_EQ(stored_reason(), EndReason::kAgentLost);
}

TEST_F(ResumedAgentTest, WithoutItsJournalItBeginsLikeAnyOther) {
    assignment_.spec.run = "echo ran";
    std::ofstream(folder_.path() + "/journal") << "half of";
    EXPECT_EQ(run(), 0);
    EXPECT_TRUE(has_joined());
    EXPECT_EQ(server_.log("stdout"), "ran\n");
    EXPECT_EQ(stored_reason(), EndReason::kSucceeded);
}

TEST_F(ResumedAgentTest, TheFirstProcessTakesNothingUp) {
    assignment_.spec.run = "echo ran";
    save();
    settings_.life = {};
    EXPECT_EQ(run(), 0);
    EXPECT_TRUE(has_joined());
    EXPECT_EQ(stored_reason(), EndReason::kSucceeded);
}

TEST_F(AgentTest, LeavesTheNextProcessWhatItNeeds) {
    assignment_.spec.run = "echo started; tail -f /dev/null";
    std::optional<AgentJournal::Note> seen;
    serve([&](const AgentReport& report, protocol::SyncResponse& response) {
        if (report.phase != AgentPhase::kRunning) return;
        if (auto note = AgentJournal(folder_.path() + "/journal", "w").load()) seen = *note;
        response.orders.desired =
            seen && seen->memory.run_started ? DesiredState::kLeave : DesiredState::kRun;
    });
    settings_.dead_man.word = "w";
    EXPECT_EQ(run(), 0);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->intent, settings_.intent);
    EXPECT_EQ(seen->memory.fence, Fence{3});
    EXPECT_EQ(seen->memory.assignment->spec.run, assignment_.spec.run);
    std::array<char, 4096> said{};
    ASSERT_GT(::read(pipe_[0], said.data(), said.size()), 0);
    EXPECT_NE(std::string(said.data()).find("w session session\n"), std::string::npos);
}

TEST_F(AgentTest, ARefusedTokenEndsTheAgent) {
    settings_.join_token = "spent";
    EXPECT_EQ(run(), 3);
}

}  // namespace
}  // namespace herder
