#pragma once
// The artifact store's part of the effects, as the server's artifact runner carries them out: one
// after the other, by the real commit path, on the simulated bucket. What a call takes is waited
// for; the process may die in the middle of it. The commit path's planted defects are played here.
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "core/step/state.h"
#include "engine/checkpoint_commit.h"
#include "sim/fake_objects.h"

namespace herder::sim {

class StoreLane {
  public:
    struct Hooks {
        std::function<void(InputBody)> post;
        // At once, or when the frozen host goes on, or never if the process is dead.
        std::function<void(std::function<void()>)> when_running;
        std::function<void()> kill;
        std::function<const State*()> state;
    };
    StoreLane(Stage& stage, FakeObjects& objects, Mutant mutant, std::uint64_t process,
              Hooks hooks);

    void take(const Effect& effect);

  private:
    void serve();
    void run_first();
    // Nothing where nobody is told.
    std::optional<InputBody> carry_out(const Effect& effect);
    std::optional<InputBody> write(const effect::WriteManifest& write);
    input::ObjectsDeleted remove(const effect::DeleteObjects& deletion);
    std::optional<InputBody> find(const effect::FindOutcome& find);
    std::optional<InputBody> look_at(const effect::LookAtRun& look);
    void rotate_by_count(const effect::DeleteObjects& deletion);
    effect::DeleteObjects with_newest(const effect::DeleteObjects& deletion) const;
    void sweep();

    Stage& stage_;
    FakeObjects& objects_;
    const Mutant mutant_;
    RandomStream draw_;
    Hooks hooks_;
    std::unique_ptr<ObjectStore> bent_;  // only for planted defects
    CheckpointCommit commit_;
    std::deque<Effect> waiting_;
    bool is_busy_ = false;
    Instant next_sweep_;
    Instant looks_denied_until_;
};

}  // namespace herder::sim
