#pragma once
// What an agent leaves to the one that takes its place when its process dies: enough to send what
// was staged and to say how the attempt ended. Kept on the machine's disk by the shell.
#include <optional>
#include <vector>

#include "base/time.h"
#include "core/jobs/agent_messages.h"

namespace herder {

struct WorkerMemory {
    Fence fence;
    std::optional<Assignment> assignment;
    bool restored = false;
    std::optional<Instant> run_started;     // of the job's command, on the machine's clock
    Duration ran;                           // of a command that has ended
    std::vector<CheckpointOffer> offers;    // staged and not settled, oldest first
    std::optional<AttemptOutcome> outcome;  // of a job that has ended
    bool operator==(const WorkerMemory&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.fence);
        v(2, s.assignment);
        v(3, s.restored);
        v(4, s.run_started);
        v(5, s.ran);
        v(6, s.offers);
        v(7, s.outcome);
    }
};

}  // namespace herder
