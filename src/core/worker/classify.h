#pragma once
// Why an attempt ended, from how its process ended and whether a stop was asked for.
#include <optional>

#include "core/jobs/agent_messages.h"
#include "core/worker/worker_input.h"

namespace herder {

enum class EndedIn { kSetup, kRun };

AttemptOutcome classify_end(const worker_input::ProcessEnd& end, EndedIn where,
                            std::optional<EndReason> stop);

}  // namespace herder
