#pragma once
// Which committed checkpoints of a job are kept, and which may go. Pure.
#include <string>
#include <vector>

#include "core/checkpoints/checkpoint.h"
#include "core/jobs/spec.h"

namespace herder {

// Those that may go. Kept are the `keep_last` newest by commit order, one in every `keep_every`,
// the best by `keep_best`; what is pinned, final or `in_use` (what a live attempt restores from);
// and, whatever the rules say, the newest two and the last two that were seen to verify.
std::vector<CheckpointId> plan_retention(const std::vector<const Checkpoint*>& of_one_job,
                                         const CheckpointSpec& rules, CheckpointId in_use);

// Those that were retired and are wanted again, because newer ones turned out to be damaged: by now
// they are among the newest two good ones or the last two that were seen to verify. What is being
// deleted already has no manifest's hash any more, and is not among them.
std::vector<CheckpointId> plan_revival(const std::vector<const Checkpoint*>& of_one_job);

// Why a person may not delete this one either, or empty.
std::string find_removal_fault(const std::vector<const Checkpoint*>& of_one_job,
                               const Checkpoint& one, CheckpointId in_use);

}  // namespace herder
