#pragma once
// What the artifact store holds of a job that is about to begin an attempt: which numbers have left
// anything there, and whether what the attempt would go on from is still there. Waits for the
// store. No thread of its own.
#include <functional>
#include <string>

#include "core/step/input.h"
#include "core/step/output.h"
#include "ports/object_store.h"

namespace herder {

struct RunLookHooks {
    // Prefixes of keys, which end with slashes: all of a job, its checkpoints, one attempt.
    std::function<std::string(const std::string& team, JobId)> run_prefix;
    std::function<std::string(const std::string& team, JobId)> checkpoints_prefix;
    std::function<std::string(const std::string& team, AttemptKey)> attempt_prefix;
    std::function<std::string(const std::string& team, const Checkpoint&,
                              const std::string& object)>
        checkpoint_key;
    // The job's record there, and when the job was submitted that it is of; 0: it cannot be
    // believed. Not set: nothing is read.
    std::function<std::string(const std::string& team, JobId)> job_record_key;
    std::function<WallTime(const std::string& text)> submitted_of;
};

// An error where the store does not answer or says no; then nothing is known.
Result<input::RunSeen> look_at_run(ObjectStore& store, const RunLookHooks& hooks,
                                   const effect::LookAtRun& effect);
input::RunLookFailed look_failed(JobId job, const Error& error);

}  // namespace herder
