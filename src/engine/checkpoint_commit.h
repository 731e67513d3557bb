#pragma once
// What is done to the store for checkpoints: all objects are looked for, completed where they came
// in parts, and only then the manifest is written; or all of it is deleted. Waits for the store;
// every call may be repeated after a crash or a lost answer. No thread of its own: the artifact
// runner has one, the simulator none.
#include <functional>
#include <set>
#include <string>

#include "core/step/input.h"
#include "core/step/output.h"
#include "ports/object_store.h"

namespace herder {

// The store has answered, and asking again will not change that; a person may. Not credentials that
// have ended: those are fetched again.
bool is_denial(const Error& error);

// The name of a checkpoint's object number `index`: "o/0007".
std::string object_name(std::size_t index);

class CheckpointCommit {
  public:
    // Store keys and documents, which protocol/ knows. Called on the caller's thread.
    struct Hooks {
        std::function<std::string(const std::string& team, const Checkpoint&,
                                  const std::string& object)>
            checkpoint_key;
        std::function<std::string(const Checkpoint&, std::uint64_t commit_seq)> manifest_text;
        // Written before anything else of each job, or its first manifest where that is there, so
        // that the store alone tells what was run, and whose files they are. Not set: nothing is.
        std::function<std::string(const std::string& team, JobId)> job_record_key;
        std::function<std::string(JobId)> job_record;
        // Whether an upload of this key may still be going on, however old it is. Not set: none.
        std::function<bool(const std::string& key)> is_in_use;
    };

    CheckpointCommit(ObjectStore& store, Hooks hooks);

    input::ManifestWritten write(const effect::WriteManifest& effect);
    input::ObjectsDeleted remove(const effect::DeleteObjects& effect);
    // Once a job, where the hooks say how.
    Status record_job(const std::string& team, JobId job);
    // Gives up uploads that nobody has finished for long; `now` by the store's calendar.
    void sweep(WallTime now);

  private:
    // Whether their checksums are known to be right; an error where one is missing or wrong.
    Result<bool> check_objects(const effect::WriteManifest& effect);
    Result<bool> check_object(const std::string& key, const CheckpointFile& file);
    void put_manifest(const effect::WriteManifest& effect, input::ManifestWritten& written);
    // What was learnt speaks against the checkpoint, and not for the first time if it may be wrong.
    bool is_refusal(CheckpointId id, const Error& error);
    Result<bool> is_same(const std::string& key, const std::string& text);
    Status remove_object(const effect::DeleteObjects& effect, const std::string& object);
    Status remove_all(const effect::DeleteObjects& effect);
    // An error if one may still be there.
    Status abort_uploads(const std::string& prefix);

    ObjectStore& store_;
    const Hooks hooks_;
    std::set<JobId> recorded_;
    std::set<CheckpointId> looked_once_;  // and parts were missing
};

}  // namespace herder
