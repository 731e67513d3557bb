#pragma once
// Replays what a server recorded with `--record FILE` through today's core: says whether it decides
// as it did then, and tells batch by batch what came in and what followed.
#include <ostream>
#include <string>

#include "core/step/output.h"

namespace herder::sim {

// "job.recovering j7 reason=host_lost"
std::string to_text(const Event& event);

// 0: every batch came out as recorded; 1: some did not; 2: it cannot be read.
int replay_record(const std::string& path, bool is_tracing, std::ostream& out);

}  // namespace herder::sim
