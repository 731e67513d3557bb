#pragma once
// The simulated artifact store as machines and checkers see it: the bucket, what is true of each
// checkpoint whose parts ever came (who really wrote it, what its files are), and the outcomes that
// agents left.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/checkpoints/checkpoint.h"
#include "sim/fake_bucket.h"
#include "sim/mutant.h"

namespace herder::sim {

// Who really wrote a checkpoint, and what its run had begun from.
struct CheckpointOrigin {
    AttemptKey attempt;
    std::optional<CheckpointId> restored;
};

struct StoredCheckpoint {
    std::string folder;  // ends with a slash
    std::vector<CheckpointFile> files;
    // Whenever the commit path looked at it, every file was an object as declared, or all of its
    // parts were there in one upload. A part that was acknowledged, lost and came a minute later is
    // none that any commit path must wait for.
    bool had_arrived = false;
    bool was_looked_at = false;
    bool is_rotten = false;  // whole, but does not match its checksum when it is read back
    // What nobody asked for: the store has lost or changed one of its objects, or lost its
    // manifest, after all was committed; somebody else had put a manifest there before.
    bool is_harmed = false;
    bool has_lost_manifest = false;
    bool is_forged = false;
    bool was_restored = false;         // a machine has read all of it, as it was declared
    std::set<std::int64_t> failed_on;  // the machines where its restore has failed
    // The machines that could not read it since one could, whatever they said of it.
    std::set<std::int64_t> unread_on;
    // The truth about its origin, whatever the orchestrator was told.
    std::optional<CheckpointOrigin> origin;
};

// A manifest as it lies in the bucket.
struct StoredManifest {
    CheckpointId checkpoint;
    JobId job;
    Fence fence;
    std::uint64_t commit_seq = 0;
    bool operator==(const StoredManifest&) const = default;
};
std::string to_manifest_text(const Checkpoint& checkpoint, std::uint64_t commit_seq);
// Absent where the text is no manifest.
std::optional<StoredManifest> parse_manifest(const std::string& text);

class FakeObjects {
  public:
    explicit FakeObjects(Stage& stage, Mutant mutant = Mutant::kNone)
        : stage_(stage), mutant_(mutant), bucket_(stage) {}

    FakeBucket& bucket() { return bucket_; }
    const FakeBucket& bucket() const { return bucket_; }

    // "v1/j3/000000000500-a000002-k17/"
    std::string folder_of(const Checkpoint& checkpoint) const;
    // Its machine begins to send it.
    void begin(const Checkpoint& checkpoint, const CheckpointOrigin& origin);
    // All objects at once, without any bad habits; the manifest apart. For tests.
    void place(const Checkpoint& checkpoint, const CheckpointOrigin& origin);
    void place_manifest(const Checkpoint& checkpoint, std::uint64_t commit_seq);

    // What the worker says that it has sent, which only a planted defect believes.
    void claim(const std::string& key, std::vector<UploadPart> parts) {
        claims_[key] = std::move(parts);
    }
    const std::vector<UploadPart>* claim_of(const std::string& key) const;

    // Null unless its machine began to send it.
    const StoredCheckpoint* find(CheckpointId id) const;
    // The one whose folder this key is in, or 0.
    CheckpointId owner_of(const std::string& key) const;
    std::optional<StoredManifest> manifest(CheckpointId id) const;
    // All its objects are there in their sizes.
    bool is_complete(CheckpointId id) const;
    // And are what was declared, byte by byte.
    bool is_whole(CheckpointId id) const;
    // The store lets one of its objects never be completed.
    bool is_denied(CheckpointId id) const;
    // And can be read.
    bool is_readable(CheckpointId id) const;
    // Its restore failed on this machine, rightly or not.
    void note_failure(CheckpointId id, std::int64_t machine);
    void note_unread(CheckpointId id, std::int64_t machine);
    void note_restored(CheckpointId id);
    // It is committed: from now on the store may lose or change what lies there.
    void expose(CheckpointId id);
    // The commit path is about to look at it: notes whether it `had_arrived`, now and before.
    void before_look(CheckpointId id);

    void put_outcome(AttemptKey attempt, const AttemptOutcome& outcome);
    std::optional<AttemptOutcome> outcome(AttemptKey attempt) const;

  private:
    void lose(CheckpointId id);
    void replace(CheckpointId id);
    // If it is still there when the time comes.
    void harm_later(CheckpointId id, Fault fault, void (FakeObjects::*harm)(CheckpointId));

    Stage& stage_;
    const Mutant mutant_;
    FakeBucket bucket_;
    std::map<CheckpointId, StoredCheckpoint> checkpoints_;
    std::map<std::string, CheckpointId, std::less<>> owners_;  // by folder
    std::map<std::string, std::vector<UploadPart>> claims_;
    std::map<AttemptKey, AttemptOutcome> outcomes_;
};

}  // namespace herder::sim
