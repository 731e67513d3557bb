#include "core/jobs/reason.h"

namespace herder {

ReasonKind kind_of(EndReason reason) {
    switch (reason) {
        case EndReason::kSucceeded:
            return ReasonKind::kSuccess;
        case EndReason::kUserError:
        case EndReason::kOutOfMemoryGpu:
        case EndReason::kOutOfMemoryHost:
        case EndReason::kNanLoss:
        case EndReason::kStalled:
        case EndReason::kDiskFull:
            return ReasonKind::kUserCode;
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
        case EndReason::kImageError:  // until a second machine says so too
        case EndReason::kDestroyed:
            return ReasonKind::kInfrastructure;
        case EndReason::kMaxDuration:
        case EndReason::kBudget:
        case EndReason::kCancelled:
        case EndReason::kPaused:
            return ReasonKind::kDecision;
    }
    return ReasonKind::kInfrastructure;
}

const char* to_string(EndReason reason) {
    switch (reason) {
        case EndReason::kSucceeded:
            return "succeeded";
        case EndReason::kUserError:
            return "user_error";
        case EndReason::kOutOfMemoryGpu:
            return "out_of_memory_gpu";
        case EndReason::kOutOfMemoryHost:
            return "out_of_memory_host";
        case EndReason::kNanLoss:
            return "nan_loss";
        case EndReason::kStalled:
            return "stalled";
        case EndReason::kDiskFull:
            return "disk_full";
        case EndReason::kPreempted:
            return "preempted";
        case EndReason::kHostLost:
            return "host_lost";
        case EndReason::kBootTimeout:
            return "boot_timeout";
        case EndReason::kAdmissionFailed:
            return "admission_failed";
        case EndReason::kGpuFault:
            return "gpu_fault";
        case EndReason::kContractEnd:
            return "contract_end";
        case EndReason::kMaintenance:
            return "maintenance";
        case EndReason::kNoCapacity:
            return "no_capacity";
        case EndReason::kProviderError:
            return "provider_error";
        case EndReason::kRestoreFailed:
            return "restore_failed";
        case EndReason::kAgentLost:
            return "agent_lost";
        case EndReason::kMaxDuration:
            return "max_duration";
        case EndReason::kBudget:
            return "budget";
        case EndReason::kCancelled:
            return "cancelled";
        case EndReason::kPaused:
            return "paused";
        case EndReason::kImageError:
            return "image_error";
        case EndReason::kDestroyed:
            return "destroyed";
    }
    return "unknown";
}

const char* explain(EndReason reason) {
    switch (reason) {
        case EndReason::kSucceeded:
            return "the job's command ended with exit code 0";
        case EndReason::kUserError:
            return "the job's command failed";
        case EndReason::kOutOfMemoryGpu:
            return "the GPU ran out of memory";
        case EndReason::kOutOfMemoryHost:
            return "the machine ran out of memory";
        case EndReason::kNanLoss:
            return "the loss became not a number";
        case EndReason::kStalled:
            return "the job made no progress";
        case EndReason::kDiskFull:
            return "the machine's disk was full";
        case EndReason::kPreempted:
            return "the machine was taken away (outbid or an on-demand renter)";
        case EndReason::kHostLost:
            return "the host went away";
        case EndReason::kBootTimeout:
            return "the machine did not come up in time";
        case EndReason::kAdmissionFailed:
            return "the machine is not what the offer promised";
        case EndReason::kGpuFault:
            return "the GPU failed";
        case EndReason::kContractEnd:
            return "the rental contract ended";
        case EndReason::kMaintenance:
            return "the host announced maintenance";
        case EndReason::kNoCapacity:
            return "no offer could be rented";
        case EndReason::kProviderError:
            return "the provider refused";
        case EndReason::kRestoreFailed:
            return "the checkpoint could not be restored on this machine";
        case EndReason::kAgentLost:
            return "the machine runs but its agent does not answer";
        case EndReason::kMaxDuration:
            return "the job reached its max_duration";
        case EndReason::kBudget:
            return "the job reached its budget";
        case EndReason::kCancelled:
            return "the job was cancelled";
        case EndReason::kPaused:
            return "the job was paused";
        case EndReason::kImageError:
            return "the job's image cannot be used";
        case EndReason::kDestroyed:
            return "somebody destroyed the machine";
    }
    return "unknown";
}

bool blames_host(EndReason reason) {
    switch (reason) {
        case EndReason::kPreempted:
        case EndReason::kHostLost:
        case EndReason::kBootTimeout:
        case EndReason::kAdmissionFailed:
        case EndReason::kGpuFault:
        case EndReason::kContractEnd:
        case EndReason::kMaintenance:
        case EndReason::kRestoreFailed:
        case EndReason::kAgentLost:
        case EndReason::kImageError:  // so that the second opinion is another machine's
            return true;
        case EndReason::kSucceeded:
        case EndReason::kUserError:
        case EndReason::kOutOfMemoryGpu:
        case EndReason::kOutOfMemoryHost:
        case EndReason::kNanLoss:
        case EndReason::kStalled:
        case EndReason::kDiskFull:
        case EndReason::kDestroyed:
        case EndReason::kNoCapacity:
        case EndReason::kProviderError:
        case EndReason::kMaxDuration:
        case EndReason::kBudget:
        case EndReason::kCancelled:
        case EndReason::kPaused:
            return false;
    }
    return false;
}

}  // namespace herder
