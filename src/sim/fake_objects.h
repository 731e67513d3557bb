#pragma once
// The simulated artifact store: which checkpoints are there and whole, which manifests are
// published, and the outcomes that agents left. Slow, forgetful, and at times rotten.
#include <map>
#include <optional>

#include "core/checkpoints/checkpoint.h"
#include "sim/stage.h"

namespace herder::sim {

// Who really wrote a checkpoint, and what its run had begun from.
struct CheckpointOrigin {
    AttemptKey attempt;
    std::optional<CheckpointId> restored;
};

struct StoredCheckpoint {
    bool is_uploaded = false;
    bool lacks_object = false;  // an upload was acknowledged, yet one object is not there
    bool is_rotten = false;     // does not match its checksum when it is read back
    bool has_manifest = false;
    bool is_deleted = false;
    // The truth about its origin, whatever the orchestrator was told.
    std::optional<CheckpointOrigin> origin;
};

class FakeObjects {
  public:
    explicit FakeObjects(Stage& stage) : stage_(stage) {}

    void put(CheckpointId id, const CheckpointOrigin& origin);
    // True if every object is there; publishes the manifest then.
    bool write_manifest(CheckpointId id);
    void remove(CheckpointId id) { checkpoints_[id].is_deleted = true; }
    const StoredCheckpoint* find(CheckpointId id) const;
    // All its objects can be read and match.
    bool is_readable(CheckpointId id) const;

    void put_outcome(AttemptKey attempt, const AttemptOutcome& outcome);
    std::optional<AttemptOutcome> outcome(AttemptKey attempt) const;

  private:
    Stage& stage_;
    std::map<CheckpointId, StoredCheckpoint> checkpoints_;
    std::map<AttemptKey, AttemptOutcome> outcomes_;
};

}  // namespace herder::sim
