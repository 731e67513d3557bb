#pragma once
// How an outcome tells that outputs of the job are not in the store.
#include <string>

#include "core/jobs/agent_messages.h"

namespace herder {

// `missing`: a sentence, or empty. Said once, whoever says it first.
AttemptOutcome with_missing_outputs(AttemptOutcome outcome, const std::string& missing);

}  // namespace herder
