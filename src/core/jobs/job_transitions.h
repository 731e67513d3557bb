#pragma once
// The life cycle of a job as one table: which event is allowed in which phase and where it leads.
// It decides nothing else; the data of the new phase is filled in by who applies the event.
#include <cstddef>
#include <optional>
#include <variant>

#include "core/jobs/job.h"

namespace herder {

enum class JobEvent : int {
    kAttemptPlaced,    // queued or recovering: a machine is being asked for
    kAttemptRunning,   // the job's command runs
    kAttemptRequeued,  // infrastructure was lost, or the user's retry budget pays for another try
    kSucceeded,
    kFailed,
    kCancelled,
    kPaused,
    kResumed,
};
const char* to_string(JobEvent event);

// Position of phase P in JobPhase, to compare with what next_phase returns.
template <class P>
constexpr std::size_t phase_index() {
    return JobPhase(P{}).index();
}

// The index (JobPhase::index) of the phase that `event` leads to; nothing where it is not allowed.
std::optional<std::size_t> next_phase(const JobPhase& from, JobEvent event);
bool is_allowed(const JobPhase& from, JobEvent event);

}  // namespace herder
