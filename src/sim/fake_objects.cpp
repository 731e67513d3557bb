#include "sim/fake_objects.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string_view>

#include "engine/checkpoint_commit.h"

namespace herder::sim {

namespace {

constexpr std::size_t kStepDigits = 12;

StoredObject declared(const CheckpointFile& file) {
    return {file.size, file.crc32c, {}, {}};
}

bool is_there(const FakeBucket& bucket, const std::string& key, const CheckpointFile& file) {
    const StoredObject* object = bucket.object(key);
    return object != nullptr && object->size == file.size && object->crc32c == file.crc32c;
}

bool has_come(const FakeBucket& bucket, const std::string& key, const CheckpointFile& file) {
    if (is_there(bucket, key, file)) return true;
    return std::any_of(bucket.uploads().begin(), bucket.uploads().end(), [&](const auto& named) {
        if (named.second.key != key) return false;
        std::vector<UploadPart> parts;
        for (const auto& [number, part] : named.second.parts)
            parts.push_back(part);
        const StoredObject made = join_parts(parts);
        return made.size == file.size && made.crc32c == file.crc32c;
    });
}

}  // namespace

std::string to_manifest_text(const Checkpoint& checkpoint, std::uint64_t commit_seq) {
    return "ckpt/1 " + to_text(checkpoint.id) + " " + to_text(checkpoint.attempt.job) + " fence " +
           std::to_string(checkpoint.attempt.fence.value) + " seq " + std::to_string(commit_seq) +
           " step " + std::to_string(checkpoint.step) + " files " +
           std::to_string(checkpoint.files.size());
}

std::optional<StoredManifest> parse_manifest(const std::string& text) {
    StoredManifest found;
    const int fields = std::sscanf(
        text.c_str(), "ckpt/1 k%" SCNu64 " j%" SCNu64 " fence %" SCNu64 " seq %" SCNu64,
        &found.checkpoint.value, &found.job.value, &found.fence.value, &found.commit_seq);
    if (fields != 4) return std::nullopt;
    return found;
}

std::string FakeObjects::folder_of(const Checkpoint& checkpoint) const {
    std::string name = checkpoint.name;
    // The planted defect: whoever saves the same step writes to the same keys.
    if (mutant_ == Mutant::kKeysByStep) name.resize(std::min(name.size(), kStepDigits));
    return "v1/" + to_text(checkpoint.attempt.job) + "/" + name + "/";
}

void FakeObjects::begin(const Checkpoint& checkpoint, const CheckpointOrigin& origin) {
    StoredCheckpoint& stored = checkpoints_[checkpoint.id];
    if (!stored.origin) {
        stored.folder = folder_of(checkpoint);
        stored.is_rotten = stage_.faults.strikes(Fault::kRestoreMismatch, 150'000);
        stored.is_forged = stage_.faults.strikes(Fault::kManifestForged, 15'000);
        if (stored.is_forged)
            bucket_.forge(stored.folder + "manifest.json", to_manifest_text(checkpoint, 0));
        owners_[stored.folder] = checkpoint.id;
    }
    stored.files = checkpoint.files;
    stored.origin = origin;
}

void FakeObjects::place(const Checkpoint& checkpoint, const CheckpointOrigin& origin) {
    begin(checkpoint, origin);
    for (std::size_t i = 0; i < checkpoint.files.size(); ++i)
        bucket_.place(folder_of(checkpoint) + object_name(i), declared(checkpoint.files[i]));
}

void FakeObjects::place_manifest(const Checkpoint& checkpoint, std::uint64_t commit_seq) {
    const std::string text = to_manifest_text(checkpoint, commit_seq);
    const Bytes size{static_cast<std::int64_t>(text.size())};
    bucket_.place(folder_of(checkpoint) + "manifest.json", {size, 0, text, {}});
}

const std::vector<UploadPart>* FakeObjects::claim_of(const std::string& key) const {
    const auto found = claims_.find(key);
    return found == claims_.end() ? nullptr : &found->second;
}

const StoredCheckpoint* FakeObjects::find(CheckpointId id) const {
    const auto found = checkpoints_.find(id);
    return found == checkpoints_.end() ? nullptr : &found->second;
}

CheckpointId FakeObjects::owner_of(const std::string& key) const {
    const std::string_view view(key);
    std::size_t end = view.rfind("/o/");
    if (end == std::string_view::npos) end = view.rfind('/');
    if (end == std::string_view::npos) return {};
    const auto found = owners_.find(view.substr(0, end + 1));
    return found == owners_.end() ? CheckpointId{} : found->second;
}

std::optional<StoredManifest> FakeObjects::manifest(CheckpointId id) const {
    const StoredCheckpoint* stored = find(id);
    if (stored == nullptr) return std::nullopt;
    const StoredObject* object = bucket_.object(stored->folder + "manifest.json");
    return object == nullptr ? std::nullopt : parse_manifest(object->text);
}

bool FakeObjects::is_complete(CheckpointId id) const {
    const StoredCheckpoint* stored = find(id);
    if (stored == nullptr) return false;
    for (std::size_t i = 0; i < stored->files.size(); ++i) {
        const StoredObject* object = bucket_.object(stored->folder + object_name(i));
        if (object == nullptr || object->size != stored->files[i].size) return false;
    }
    return !stored->files.empty();
}

bool FakeObjects::is_whole(CheckpointId id) const {
    const StoredCheckpoint* stored = find(id);
    if (stored == nullptr) return false;
    for (std::size_t i = 0; i < stored->files.size(); ++i) {
        if (!is_there(bucket_, stored->folder + object_name(i), stored->files[i])) return false;
    }
    return !stored->files.empty();
}

bool FakeObjects::is_denied(CheckpointId id) const {
    const StoredCheckpoint* stored = find(id);
    if (stored == nullptr) return false;
    for (std::size_t i = 0; i < stored->files.size(); ++i) {
        if (bucket_.denies(stored->folder + object_name(i))) return true;
    }
    return false;
}

bool FakeObjects::is_readable(CheckpointId id) const {
    return is_whole(id) && !find(id)->is_rotten;
}

void FakeObjects::note_failure(CheckpointId id, std::int64_t machine) {
    const auto found = checkpoints_.find(id);
    if (found != checkpoints_.end()) found->second.failed_on.insert(machine);
}

void FakeObjects::note_restored(CheckpointId id) {
    const auto found = checkpoints_.find(id);
    if (found == checkpoints_.end()) return;
    found->second.was_restored = true;
    found->second.unread_on.clear();
}

void FakeObjects::note_unread(CheckpointId id, std::int64_t machine) {
    const auto found = checkpoints_.find(id);
    if (found != checkpoints_.end()) found->second.unread_on.insert(machine);
}

void FakeObjects::expose(CheckpointId id) {
    harm_later(id, Fault::kObjectLost, &FakeObjects::lose);
    harm_later(id, Fault::kObjectReplaced, &FakeObjects::replace);
}

void FakeObjects::harm_later(CheckpointId id, Fault fault,
                             void (FakeObjects::*harm)(CheckpointId)) {
    if (!stage_.faults.strikes(fault, 150'000)) return;
    const Duration wait = seconds(stage_.faults.stream(fault).between(60, 3'600));
    stage_.schedule.after(wait, [this, id, harm] {
        if (!stage_.faults.has_ended() && manifest(id)) (this->*harm)(id);
    });
}

// A rule of the bucket, or a person, that takes one object for old.
void FakeObjects::lose(CheckpointId id) {
    StoredCheckpoint& stored = checkpoints_.at(id);
    const std::uint64_t what = stage_.faults.stream(Fault::kObjectLost).below(3);
    stage_.note("store.loses", id.value, what);
    if (what != 1) {
        bucket_.lose(stored.folder + "manifest.json");
        stored.has_lost_manifest = true;
    }
    if (what == 0) return;
    bucket_.lose(stored.folder + object_name(0));
    stored.is_harmed = true;
}

void FakeObjects::replace(CheckpointId id) {
    StoredCheckpoint& stored = checkpoints_.at(id);
    stage_.note("store.replaces", id.value);
    bucket_.replace(stored.folder + object_name(stored.files.size() - 1));
    stored.is_harmed = true;
}

void FakeObjects::before_look(CheckpointId id) {
    const auto found = checkpoints_.find(id);
    if (found == checkpoints_.end()) return;
    StoredCheckpoint& stored = found->second;
    if (!stored.was_looked_at) stored.had_arrived = !stored.files.empty();
    stored.was_looked_at = true;
    for (std::size_t i = 0; i < stored.files.size() && stored.had_arrived; ++i)
        stored.had_arrived = has_come(bucket_, stored.folder + object_name(i), stored.files[i]);
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
