#pragma once
// Carries out the artifact store's part of the effects on a thread of its own: manifests and
// deletion of checkpoints, by checkpoint_commit; the outcome that an agent may have left behind;
// what is there of a job before its next attempt. Gives up uploads that nobody has finished for
// long.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "engine/checkpoint_commit.h"
#include "engine/effect_runner.h"
#include "engine/run_look.h"
#include "ports/object_store.h"

namespace herder {

class ArtifactRunner {
  public:
    struct Hooks : CheckpointCommit::Hooks {
        std::function<void(InputBody)> post;
        std::function<std::string(const std::string& team, AttemptKey)> outcome_key;
        std::function<Result<AttemptOutcome>(const std::string&)> parse_outcome;
        RunLookHooks run_look;
        // Calls of the store are broken off: that they failed is not told. Not set: never.
        std::function<bool()> is_stopping;
        // The store's calendar: uploads older than a week are given up. Not set: none are.
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
    std::optional<Effect> take_next();
    void run(const Effect& effect);
    void tell(InputBody body, bool is_known);
    void find_outcome(const effect::FindOutcome& effect);
    void look_at(const effect::LookAtRun& effect);

    ObjectStore& store_;
    const Hooks hooks_;
    CheckpointCommit commit_;  // on the thread only
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Effect> effects_;  // guarded by mutex_, like all below
    bool was_look_ = false;       // what was taken last
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above from its first moment
};

}  // namespace herder
