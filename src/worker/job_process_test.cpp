#include "worker/job_process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>

#include "worker/process_tree.h"

namespace herder {
namespace {

// Runs one command and waits for its end.
class ShellRun {
  public:
    explicit ShellRun(const std::string& command) {
        become_subreaper();
        JobProcess::Hooks hooks;
        hooks.on_output = [this](bool is_stderr, std::string_view text) {
            const std::lock_guard lock(mutex_);
            (is_stderr ? err_ : out_).append(text);
            changed_.notify_all();
        };
        hooks.on_end = [this](worker_input::ProcessEnd end) {
            const std::lock_guard lock(mutex_);
            end_ = std::move(end);
            changed_.notify_all();
        };
        const Status started =
            process_.start({command, "/tmp", {"PATH=/usr/bin:/bin", "X=1"}}, std::move(hooks));
        EXPECT_TRUE(started);
    }
    worker_input::ProcessEnd end() {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !!end_; }));
        return end_.value_or(worker_input::ProcessEnd{.exit_code = -1});
    }
    void wait_for_output(const std::string& text) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            return out_.find(text) != std::string::npos;
        })) << text;
    }
    std::string out() {
        const std::lock_guard lock(mutex_);
        return out_;
    }
    JobProcess& process() { return process_; }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string out_, err_;
    std::optional<worker_input::ProcessEnd> end_;
    JobProcess process_;  // last: its thread uses the rest
};

bool is_alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

TEST(JobProcess, DeliversOutputAndExitCode) {
    ShellRun run("echo hello; echo $X; echo oh >&2; exit 3");
    EXPECT_EQ(run.end().exit_code, 3);
    EXPECT_EQ(run.out(), "hello\n1\n");
    EXPECT_EQ(run.end().detail, "oh");
}

TEST(JobProcess, StopsAtTheFirstErrorAlsoInAPipe) {
    ShellRun run("false | cat; echo never");
    EXPECT_EQ(run.end().exit_code, 1);
    EXPECT_EQ(run.out(), "");
}

TEST(JobProcess, RecognisesCudaOutOfMemory) {
    ShellRun run("echo 'torch.OutOfMemoryError: CUDA out of memory.' >&2; exit 1");
    EXPECT_TRUE(run.end().gpu_out_of_memory);
}

TEST(JobProcess, SigtermReachesTheCommandUnderTheShell) {
    ShellRun run(
        "bash -c 'trap \"echo saved; exit 0\" TERM; tail -f /dev/null & echo ready; wait'; "
        "echo after");
    run.wait_for_output("ready");
    run.process().signal_soft("SIGTERM");
    EXPECT_EQ(run.end().exit_code, 0);
    EXPECT_EQ(run.out(), "ready\nsaved\nafter\n");
}

TEST(JobProcess, OtherSignalsGoOnlyToWhoCatchesThem) {
    ShellRun run(
        "bash -c 'trap \"echo got; exit 0\" USR1; tail -f /dev/null & echo ready; wait'; true");
    run.wait_for_output("ready");
    run.process().signal_soft("USR1");
    EXPECT_EQ(run.end().exit_code, 0);
}

TEST(JobProcess, KillsTheTreeWithProcessesThatLeftIt) {
    // Ignores SIGTERM, forks twice, leaves session and group.
    ShellRun run(
        "trap '' TERM; (setsid bash -c 'trap \"\" TERM; echo pid $BASHPID; exec -a far tail -f "
        "/dev/null' & ) ; tail -f /dev/null");
    run.wait_for_output("pid ");
    const pid_t far = static_cast<pid_t>(std::stol(run.out().substr(run.out().find("pid ") + 4)));
    run.process().signal_term();
    EXPECT_TRUE(is_alive(far));
    run.process().kill_everything();
    EXPECT_NE(run.end().exit_code, 0);
    EXPECT_TRUE(list_descendants(::getpid()).empty());
    EXPECT_FALSE(is_alive(far));
}

TEST(JobProcess, WhatTheCommandLeftInTheBackgroundEndsWithIt) {
    ShellRun run("setsid tail -f /dev/null & disown; echo done");
    EXPECT_EQ(run.end().exit_code, 0);
    EXPECT_TRUE(list_descendants(::getpid()).empty());
}

TEST(SignalNumber, KnowsNamesWithAndWithoutPrefix) {
    EXPECT_EQ(signal_number("SIGTERM"), SIGTERM);
    EXPECT_EQ(signal_number("USR1"), SIGUSR1);
    EXPECT_EQ(signal_number("NOPE"), 0);
}

}  // namespace
}  // namespace herder
