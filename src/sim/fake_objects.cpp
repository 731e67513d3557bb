#include "sim/fake_objects.h"

namespace herder::sim {

void FakeObjects::put(CheckpointId id, const CheckpointOrigin& origin) {
    StoredCheckpoint& stored = checkpoints_[id];
    stored.origin = origin;
    stored.is_uploaded = true;
    if (stage_.faults.strikes(Fault::kObjectMissing, 100'000)) stored.lacks_object = true;
    if (stage_.faults.strikes(Fault::kRestoreMismatch, 150'000)) stored.is_rotten = true;
    stage_.note("objects.put", id.value);
}

bool FakeObjects::write_manifest(CheckpointId id) {
    StoredCheckpoint& stored = checkpoints_[id];
    if (!stored.is_uploaded || stored.lacks_object || stored.is_deleted) return false;
    stored.has_manifest = true;
    return true;
}

const StoredCheckpoint* FakeObjects::find(CheckpointId id) const {
    const auto found = checkpoints_.find(id);
    return found == checkpoints_.end() ? nullptr : &found->second;
}

bool FakeObjects::is_readable(CheckpointId id) const {
    const StoredCheckpoint* stored = find(id);
    return stored != nullptr && stored->is_uploaded && !stored->lacks_object &&
           !stored->is_rotten && !stored->is_deleted;
}

void FakeObjects::put_outcome(AttemptKey attempt, const AttemptOutcome& outcome) {
    outcomes_.emplace(attempt, outcome);
}

std::optional<AttemptOutcome> FakeObjects::outcome(AttemptKey attempt) const {
    const auto found = outcomes_.find(attempt);
    if (found == outcomes_.end()) return std::nullopt;
    return found->second;
}

}  // namespace herder::sim
