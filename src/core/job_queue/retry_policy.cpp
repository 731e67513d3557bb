#include "core/job_queue/retry_policy.h"

#include <algorithm>

namespace herder {

Duration backoff(int losses_in_a_row, const RetryLimits& limits, std::uint64_t jitter) {
    Duration wait = limits.backoff_first;
    for (int i = 1; i < losses_in_a_row && wait < limits.backoff_max; ++i)
        wait = wait * 2;
    wait = std::min(wait, limits.backoff_max);
    return wait + Duration{static_cast<std::int64_t>(
                      jitter % static_cast<std::uint64_t>(std::max<std::int64_t>(wait.us / 4, 1)))};
}

namespace {

bool recovers(const Job& job, EndReason reason) {
    if (reason == EndReason::kDestroyed) return true;  // a person's wish, no fault
    const bool is_foreseen = reason == EndReason::kPreempted || reason == EndReason::kContractEnd ||
                             reason == EndReason::kMaintenance;
    return is_foreseen ? job.spec.recovery.on_preemption : job.spec.recovery.on_host_failure;
}

JobPhase after_wish(const StopRequest& stop, Instant now) {
    switch (stop.reason) {
        case EndReason::kCancelled:
            return phase::Cancelled{now};
        case EndReason::kPaused:
            return phase::Paused{now};
        case EndReason::kBudget:
        case EndReason::kMaxDuration:
            return phase::Failed{now, stop.reason, explain(stop.reason)};
        case EndReason::kSucceeded:
        case EndReason::kUserError:
        case EndReason::kOutOfMemoryGpu:
        case EndReason::kOutOfMemoryHost:
        case EndReason::kNanLoss:
        case EndReason::kStalled:
        case EndReason::kDiskFull:
        case EndReason::kPreempted:
        case EndReason::kHostLost:
        case EndReason::kBootTimeout:
        case EndReason::kAdmissionFailed:
        case EndReason::kGpuFault:
        case EndReason::kContractEnd:
        case EndReason::kMaintenance:
        case EndReason::kNoCapacity:
        case EndReason::kProviderError:
        case EndReason::kRestoreFailed:
        case EndReason::kAgentLost:
        case EndReason::kImageError:
        case EndReason::kDestroyed:
            break;
    }
    return phase::Failed{now, stop.reason, "stopped"};
}

}  // namespace

JobPhase decide_after_attempt(Job& job, EndReason reason, const std::string& detail, Instant now,
                              const RetryLimits& limits, std::uint64_t jitter) {
    if (reason == EndReason::kSucceeded) return phase::Succeeded{now};
    if (job.stop) return after_wish(*job.stop, now);
    switch (kind_of(reason)) {
        case ReasonKind::kSuccess:
            break;
        case ReasonKind::kDecision:
            // Enforced by the agent alone (max_duration while we were away): final all the same.
            return phase::Failed{now, reason, detail};
        case ReasonKind::kUserCode: {
            if (job.user_restarts >= job.spec.recovery.max_restarts_on_errors) {
                return phase::Failed{now, reason, detail};
            }
            ++job.user_restarts;
            const Duration wait = backoff(job.user_restarts, limits, jitter);
            return phase::Recovering{now, now + wait, reason, "a pause before the restart"};
        }
        case ReasonKind::kInfrastructure: {
            if (!recovers(job, reason)) return phase::Failed{now, reason, detail};
            ++job.infra_losses;
            const Duration wait = backoff(job.infra_losses, limits, jitter);
            return phase::Recovering{now, now + wait, reason, "a new machine"};
        }
    }
    return phase::Succeeded{now};
}

}  // namespace herder
