#pragma once
// How long the container has run: the orchestrator's own column of the bill begins then, not when
// the agent had been fetched.
#include <string>

#include "base/time.h"

namespace herder {

// From the text of /proc/PID/stat (field 22, clock ticks since boot; proc(5)) and of /proc/uptime.
// Zero for texts that say nothing.
Duration process_age(const std::string& stat, const std::string& uptime, long ticks_per_second);

// The age of process 1 where that is a container's, otherwise this process's own.
Duration container_age();

}  // namespace herder
