#pragma once
// Names for the newest and the best of the jobs of one name, whose outputs are a model in many
// versions: "digits@latest", "digits@min:loss", "digits@max:accuracy".
#include <string>

#include "base/result.h"
#include "core/step/state.h"

namespace herder::api {

// Whether the text is one; names of jobs never hold the sign.
bool is_job_alias(const std::string& text);
// Only jobs that succeeded count. A job's value is that of its last checkpoint which has the
// metric; of equals the newer job is meant. kInvalid for another word behind the sign, kNotFound
// where there is none.
Result<JobId> find_alias(const State& state, const std::string& text);

}  // namespace herder::api
