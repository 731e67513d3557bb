#pragma once
// The exit codes of every command, in one place: scripts branch on them, so a code never changes
// its meaning.
#include "base/result.h"

namespace herder::cli {

enum class ExitCode : int {
    kOk = 0,            // done; for run, wait and an attached launch: the job succeeded
    kFailed = 1,        // any other reason
    kUsage = 2,         // unknown flag, invalid file, a question without a terminal
    kNotFound = 3,      // no such job, profile, file
    kLogin = 4,         // login missing or refused
    kJobFailed = 5,     // the job failed, was cancelled or timed out
    kRefused = 6,       // refused by a budget or a limit
    kNoCapacity = 7,    // no machine within the allowed time
    kStillRunning = 8,  // still running when --timeout ended
    kInterrupted = 130,
};

ExitCode exit_code_of(ErrorCode code);

}  // namespace herder::cli
