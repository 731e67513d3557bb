#pragma once
// Runs one shell command as a job: own session, own environment, output through pipes, ended with
// everything that it started. One command at a time.
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "core/worker/worker_input.h"

namespace herder {

struct JobCommand {
    std::string command;           // for bash -euo pipefail -c
    std::string folder;            // where it runs
    std::vector<std::string> env;  // "NAME=value", complete
};

class JobProcess {
  public:
    // Called on the process's own thread. `on_end` comes last, when nothing of the job runs any
    // more and all of its output was delivered.
    struct Hooks {
        std::function<void(bool is_stderr, std::string_view text)> on_output;
        std::function<void(worker_input::ProcessEnd)> on_end;
        // What may be told of the last lines of stderr; absent: all of them.
        std::function<std::string(const std::string& tail)> clean{};
    };

    ~JobProcess();  // kills what still runs

    Status start(const JobCommand& command, Hooks hooks);
    // The job's soft signal, by name ("SIGTERM", "USR1").
    void signal_soft(const std::string& name);
    void signal_term();
    void kill_everything();
    // Kills what still runs and returns when `on_end` has. Not from a hook.
    void end();
    bool is_running() const { return running_; }

  private:
    struct Pipes {
        int out = -1;
        int err = -1;
    };
    void watch(Pipes pipes, Hooks hooks, std::int64_t oom_kills_before);
    int wait_and_drain(Pipes& pipes, const Hooks& hooks, std::string& tail);

    std::atomic<pid_t> pid_{0};
    std::atomic<bool> running_{false};
    std::thread thread_;
};

// The number of a signal's name with or without SIG; 0 if unknown.
int signal_number(const std::string& name);

}  // namespace herder
