#pragma once
// Stays with a job until it ends: its events as sentences on stderr, its output on stdout. Ctrl-C
// leaves the job running.
#include "cli/app.h"
#include "cli/server_link.h"

namespace herder::cli {

// The job's own exit code (0, 5 or 7), or 130 after Ctrl-C.
ExitCode attach(Context& context, ServerLink& server, const std::string& job_id);

}  // namespace herder::cli
