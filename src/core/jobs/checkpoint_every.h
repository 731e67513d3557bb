#pragma once
// The word for how often a job saves, as job files write it and as the job is told.
#include <string>

#include "base/time.h"
#include "core/jobs/spec.h"

namespace herder {

// In CheckpointSpec::every: as often as pays, which the SDK finds out while the job runs.
inline constexpr Duration kEveryAuto{-1};

// "25 steps", "600s", "auto"; empty: the job file does not say.
std::string to_every_text(const CheckpointSpec& spec);

}  // namespace herder
