#pragma once
// Why an attempt ended, and what kind of cause that is: the kind decides what happens next.
#include <string>

namespace herder {

enum class EndReason : int {
    kSucceeded = 1,
    kUserError = 2,
    kOutOfMemoryGpu = 3,
    kOutOfMemoryHost = 4,
    kNanLoss = 5,
    kStalled = 6,
    kDiskFull = 7,
    kPreempted = 10,
    kHostLost = 11,
    kBootTimeout = 12,
    kAdmissionFailed = 13,
    kGpuFault = 14,
    kContractEnd = 15,
    kNoCapacity = 16,
    kProviderError = 17,
    kRestoreFailed = 18,
    kAgentLost = 19,  // the machine runs on, its agent does not answer
    kMaxDuration = 20,
    kBudget = 21,
    kCancelled = 22,
    kPaused = 23,
    kImageError = 24,   // no machine can use the image, as two of them said
    kDestroyed = 25,    // somebody ended the machine by hand; the job goes on elsewhere
    kMaintenance = 26,  // the host announced it; the job left before
};

enum class ReasonKind {
    kSuccess,
    kUserCode,        // consumes the user's retry budget
    kInfrastructure,  // retried under its own cap and backoff
    kDecision,        // ours or the user's: never retried by itself
};

ReasonKind kind_of(EndReason reason);
// The stable word, as "host_lost".
const char* to_string(EndReason reason);
// One sentence for people: "the host went away".
const char* explain(EndReason reason);
// The machine's host gets the blame and is avoided for a while.
bool blames_host(EndReason reason);

}  // namespace herder
