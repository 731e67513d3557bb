#pragma once
// The dead-man's switch: a process of its own, parent of the agent, that destroys the machine when
// the orchestrator has not been heard for too long. It survives kill -9 of the agent, ends what the
// agent left running, and is touched only after authenticated contact. An agent that was killed or
// crashed it starts again, a few times, to send what was saved; the time until the machine is
// destroyed runs on meanwhile.
#include <sys/types.h>

#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "worker/machine_clock.h"

namespace herder {

struct DeadManOptions {
    // Vast.ai's API (docs, November 2026); VAST_API_BASE replaces it.
    std::string api_base = "https://console.vast.ai";
    std::string instance;                 // CONTAINER_ID; empty: there is nothing to destroy
    std::string api_key;                  // CONTAINER_API_KEY: may destroy this one machine only
    Duration after = minutes(30);         // until the first orders say otherwise
    Duration time_to_save = seconds(60);  // for the agent, once the limit has passed
    Duration destroy_again = seconds(60);
    std::string word;  // secret between agent and switch; dismisses it
    int restarts_max = 3;
    Duration restart_pause = seconds(2);  // doubled each time
};

// The agent's end of the pipe.
class DeadManLink {
  public:
    DeadManLink(int fd, std::string word) : fd_(fd), word_(std::move(word)) {}
    void touch(Duration after);
    // The machine is to live on without an agent: the switch ends when the agent does.
    void dismiss();
    // For the process that takes this one's place; in memory only.
    void keep_session(const std::string& key);
    int fd() const { return fd_; }

  private:
    void send(const std::string& line);
    int fd_;
    std::string word_;
};

// One process of the agent, of several that may follow each other.
struct AgentLife {
    int number = 0;       // how many there were before
    int ended_by = 0;     // the signal that ended the last one
    std::string session;  // what that one kept; empty: it had none
};
// The agent, in a process of its own; returns its exit code.
using RunAgent = std::function<int(DeadManLink link, const AgentLife& life)>;

// Runs the agent until the machine is destroyed (it then never returns on a real one) or the switch
// was dismissed; returns the exit code for the process. To be called without other threads.
int guard_agent(const DeadManOptions& options, const MachineClock& clock, const RunAgent& run);

// One attempt.
Status destroy_machine(const DeadManOptions& options);

}  // namespace herder
