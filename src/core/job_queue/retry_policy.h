#pragma once
// What becomes of a job when its attempt ends: by the kind of the reason, the user's retry budget
// and the wishes (cancel, pause) that were pending. Pure decision.
#include <string>
#include <variant>

#include "base/time.h"
#include "core/jobs/job.h"

namespace herder {

struct RetryLimits {
    Duration backoff_first = seconds(5);
    Duration backoff_max = minutes(10);
};

// The next phase of `job` after an attempt that ended with `reason`. Counts restarts and losses in
// the job. `jitter` is any random number. The job must not be terminal.
JobPhase decide_after_attempt(Job& job, EndReason reason, const std::string& detail, Instant now,
                              const RetryLimits& limits, std::uint64_t jitter);

// 5 s, 10 s, 20 s, ... up to the maximum, each with up to a quarter of jitter on top.
Duration backoff(int losses_in_a_row, const RetryLimits& limits, std::uint64_t jitter);

}  // namespace herder
