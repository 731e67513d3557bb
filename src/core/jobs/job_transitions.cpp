#include "core/jobs/job_transitions.h"

namespace herder {

const char* to_string(JobEvent event) {
    switch (event) {
        case JobEvent::kAttemptPlaced:
            return "attempt_placed";
        case JobEvent::kAttemptRunning:
            return "attempt_running";
        case JobEvent::kAttemptRequeued:
            return "attempt_requeued";
        case JobEvent::kSucceeded:
            return "succeeded";
        case JobEvent::kFailed:
            return "failed";
        case JobEvent::kCancelled:
            return "cancelled";
        case JobEvent::kPaused:
            return "paused";
        case JobEvent::kResumed:
            return "resumed";
    }
    return "unknown";
}

std::optional<std::size_t> next_phase(const JobPhase& from, JobEvent event) {
    if (is_terminal(from)) return std::nullopt;
    const bool paused = std::holds_alternative<phase::Paused>(from);
    switch (event) {
        case JobEvent::kAttemptPlaced:
            if (!is_waiting(from)) return std::nullopt;
            return phase_index<phase::Placing>();
        case JobEvent::kAttemptRunning:
            if (!std::holds_alternative<phase::Placing>(from)) return std::nullopt;
            return phase_index<phase::Running>();
        case JobEvent::kAttemptRequeued:
            if (!is_active(from)) return std::nullopt;
            return phase_index<phase::Recovering>();
        // A result may be found in the artifact store after its machine was lost, so it ends the
        // job wherever it waits by then: recovering, paused, or queued again after a resume.
        case JobEvent::kSucceeded:
            return phase_index<phase::Succeeded>();
        case JobEvent::kFailed:
            return phase_index<phase::Failed>();
        case JobEvent::kCancelled:
            return phase_index<phase::Cancelled>();
        case JobEvent::kPaused:
            if (paused) return std::nullopt;
            return phase_index<phase::Paused>();
        case JobEvent::kResumed:
            if (!paused) return std::nullopt;
            return phase_index<phase::Queued>();
    }
    return std::nullopt;
}

bool is_allowed(const JobPhase& from, JobEvent event) {
    return next_phase(from, event).has_value();
}

}  // namespace herder
