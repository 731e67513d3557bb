#pragma once
// Carries out the artifact store's part of the effects on a thread of its own: manifests, with the
// completion of the objects that came in parts; deletion of retired checkpoints; the outcome that
// an agent may have left behind. Gives up uploads that nobody has finished within a day.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "engine/effect_runner.h"
#include "ports/object_store.h"

namespace herder {

class ArtifactRunner {
  public:
    struct Hooks {
        std::function<void(InputBody)> post;
        // Store keys and documents, which protocol/ knows.
        std::function<std::string(const std::string& team, const Checkpoint&,
                                  const std::string& object)>
            checkpoint_key;
        std::function<std::string(const Checkpoint&, std::uint64_t commit_seq)> manifest_text;
        std::function<std::string(const std::string& team, AttemptKey)> outcome_key;
        std::function<Result<AttemptOutcome>(const std::string&)> parse_outcome;
        // Written before the first manifest of each job, so that the store alone tells what was
        // run. Not set: nothing is.
        std::function<std::string(const std::string& team, JobId)> job_record_key;
        std::function<std::string(JobId)> job_record;
        // The store's calendar: uploads older than a day are given up. Not set: none are.
        std::function<WallTime()> store_now;
    };

    ArtifactRunner(ObjectStore& store, Hooks hooks);
    ~ArtifactRunner();
    ArtifactRunner(const ArtifactRunner&) = delete;
    ArtifactRunner& operator=(const ArtifactRunner&) = delete;

    // Queues the effect if it is one of ours; false otherwise. Never blocks.
    bool take(const Effect& effect);
    void stop();

  private:
    void loop();
    void run(const Effect& effect);
    void write_manifest(const effect::WriteManifest& effect);
    // Whether their checksums are known to be right; an error where one is missing or wrong.
    Result<bool> check_objects(const effect::WriteManifest& effect);
    Result<bool> check_object(const std::string& key, const CheckpointFile& file);
    void abort_uploads(const std::string& prefix);
    void sweep_uploads();
    Status record_job(const effect::WriteManifest& effect);
    void delete_objects(const effect::DeleteObjects& effect);
    void find_outcome(const effect::FindOutcome& effect);

    ObjectStore& store_;
    const Hooks hooks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Effect> effects_;  // guarded by mutex_, like all below
    std::set<JobId> recorded_;    // on the thread only
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above from its first moment
};

// The name of a checkpoint's object number `index`: "o/0007".
std::string object_name(std::size_t index);

}  // namespace herder
