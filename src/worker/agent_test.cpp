// The whole agent in this process against a tiny orchestrator: what the machine would see.
#include "worker/agent.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <array>

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
    void serve(std::function<void(const AgentReport&, protocol::SyncResponse&)> more = {}) {
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

TEST_F(AgentTest, ARefusedTokenEndsTheAgent) {
    settings_.join_token = "spent";
    EXPECT_EQ(run(), 3);
}

}  // namespace
}  // namespace herder
