// Invariants of what truly lies in the bucket: what is committed can be read, and what is not
// wanted any more is gone.
#include <algorithm>

#include "base/digest.h"
#include "sim/checker.h"

namespace herder::sim {

namespace {

constexpr std::string_view kManifest = "/manifest.json";
// Whatever is damaged, so many newer good ones stay.
constexpr int kGoodOnes = 2;

// What the accepted commits have said of a checkpoint.
struct Known {
    JobId job;
    std::uint64_t commit_seq = 0;
    CheckpointState state = CheckpointState::kUploading;
    bool is_quarantined = false;
    bool is_going = false;  // its deletion was asked for: there is no way back
};

class CommittedIsReadable : public Checker {
  public:
    const char* name() const override { return "17 checkpoint-readable"; }
    const char* statement() const override {
        return "what is committed is in the bucket, its manifest and all objects as they were "
               "declared; no manifest is visible without its objects, nothing committed is changed "
               "or deleted, and the last two good ones never are";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row == state.checkpoints.end()) continue;
            const Checkpoint& checkpoint = row->second;
            Known& known = known_[checkpoint.id];
            const bool is_new = checkpoint.state == CheckpointState::kCommitted &&
                                known.state != CheckpointState::kCommitted;
            if (known.commit_seq == 0 && checkpoint.commit_seq != 0)
                of_job_[checkpoint.attempt.job].push_back(checkpoint.id);
            const bool is_going = checkpoint.state == CheckpointState::kDeleting &&
                                  checkpoint.manifest_sha256.empty();
            const bool was_going = known.is_going;
            known = {checkpoint.attempt.job, checkpoint.commit_seq, checkpoint.state,
                     checkpoint.quarantined, is_going};
            if (is_new) check_commit(sight, checkpoint);
            if (is_going && !was_going) check_last_two(sight, checkpoint.name, known);
        }
    }
    void on_object_put(const Sight& sight, const std::string& key, bool replaced) override {
        const CheckpointId id = sight.objects.owner_of(key);
        if (!id) return;
        const bool is_manifest = key.ends_with(kManifest);
        if (is_manifest && !is_sound(sight, id))
            violate(sight, key + " is visible, but its objects are not as they were declared");
        if (!is_manifest && replaced && sight.objects.manifest(id))
            violate(sight, key + " is written over");
    }
    void on_object_removed(const Sight& sight, const std::string& key) override {
        const CheckpointId id = sight.objects.owner_of(key);
        const auto known = known_.find(id);
        if (known == known_.end()) return;
        if (known->second.state == CheckpointState::kCommitted)
            violate(sight, key + " is deleted, but committed");
        if (!key.ends_with(kManifest)) {
            if (sight.objects.manifest(id)) violate(sight, key + " goes before its manifest");
            return;
        }
        // What is damaged by now may have been good when this one's deletion was asked for.
        if (!known->second.is_going) check_last_two(sight, key, known->second);
    }
    void on_end(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [id, checkpoint] : sight.leader->checkpoints) {
            if (checkpoint.state == CheckpointState::kCommitted) check_commit(sight, checkpoint);
        }
    }

  private:
    // A store that knows no checksums cannot be asked for more than sizes.
    static bool is_sound(const Sight& sight, CheckpointId id) {
        return sight.objects.bucket().tells_checksums() ? sight.objects.is_whole(id)
                                                        : sight.objects.is_complete(id);
    }
    void check_commit(const Sight& sight, const Checkpoint& checkpoint) {
        const StoredCheckpoint* stored = sight.objects.find(checkpoint.id);
        // What the store lost or changed by itself.
        if (stored != nullptr && (stored->is_harmed || stored->has_lost_manifest)) return;
        const StoredObject* text =
            stored == nullptr ? nullptr
                              : sight.objects.bucket().object(stored->folder + "manifest.json");
        if (text == nullptr)
            return violate(sight, checkpoint.name + " is committed without a manifest");
        if (sha256_hex(text->text) != checkpoint.manifest_sha256)
            return violate(sight, checkpoint.name + " is committed with another manifest's hash");
        const auto manifest = sight.objects.manifest(checkpoint.id);
        const StoredManifest wanted{checkpoint.id, checkpoint.attempt.job, checkpoint.attempt.fence,
                                    checkpoint.commit_seq};
        if (manifest != wanted)
            return violate(sight, checkpoint.name + " is committed with another manifest");
        const bool is_right = is_sound(sight, checkpoint.id) &&
                              (!checkpoint.verified || sight.objects.is_whole(checkpoint.id));
        if (!is_right)
            violate(sight, checkpoint.name + " is committed, but its objects are not as declared");
    }
    void check_last_two(const Sight& sight, const std::string& what, const Known& known) {
        if (known.commit_seq != 0 && !known.is_quarantined &&
            count_newer_good(sight, known) < kGoodOnes)
            violate(sight, what + " is deleted, but among the last two good ones");
    }
    int count_newer_good(const Sight& sight, const Known& one) const {
        const auto& ids = of_job_.at(one.job);
        return static_cast<int>(std::count_if(ids.begin(), ids.end(), [&](CheckpointId id) {
            const Known& other = known_.at(id);
            return other.commit_seq > one.commit_seq && !other.is_quarantined &&
                   (sight.objects.manifest(id) || sight.objects.find(id)->has_lost_manifest);
        }));
    }
    std::map<CheckpointId, Known> known_;
    std::map<JobId, std::vector<CheckpointId>> of_job_;  // that were ever committed
};

class NothingIsLeft : public Checker {
  public:
    const char* name() const override { return "44 nothing-left"; }
    const char* statement() const override {
        return "in the end no object lies in the bucket that belongs to no checkpoint, or to one "
               "that counts as deleted";
    }
    void on_end(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [key, object] : sight.objects.bucket().objects()) {
            const CheckpointId id = sight.objects.owner_of(key);
            if (!id) continue;
            const auto row = sight.leader->checkpoints.find(id);
            if (row == sight.leader->checkpoints.end() ||
                row->second.state == CheckpointState::kDeleted)
                violate(sight, key + " is still there");
        }
    }
};

class CommitsEnd : public Checker {
  public:
    const char* name() const override { return "47 commits-end"; }
    const char* statement() const override {
        return "in the end no checkpoint waits for its commit: the store took it, or it was given "
               "up "
               "after the time that it has";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row == state.checkpoints.end()) continue;
            const CheckpointState now = row->second.state;
            if (now == CheckpointState::kCommitting && row->second.asks > 0)
                asked_in_vain_.insert(row->first);
            const bool is_given_up =
                now == CheckpointState::kAborted && asked_in_vain_.erase(row->first) > 0;
            if (is_given_up && sight.objects.is_denied(row->first))
                sight.stage.marks.hit(Mark::kDenialGivenUp);
        }
    }
    void on_end(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [id, checkpoint] : sight.leader->checkpoints) {
            if (checkpoint.state == CheckpointState::kCommitting)
                violate(sight, checkpoint.name + " still waits for its commit");
        }
    }

  private:
    std::set<CheckpointId> asked_in_vain_;
};

class NoUploadDropped : public Checker {
  public:
    const char* name() const override { return "45 no-upload-dropped"; }
    const char* statement() const override {
        return "no upload is given up whose checkpoint may still be committed";
    }
    void on_commit(const Sight&, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row != state.checkpoints.end()) states_[row->first] = row->second.state;
        }
    }
    void on_upload_aborted(const Sight& sight, const std::string& key) override {
        const auto found = states_.find(sight.objects.owner_of(key));
        if (found == states_.end()) return;
        if (found->second == CheckpointState::kUploading ||
            found->second == CheckpointState::kCommitting)
            violate(sight, key + " was on its way, and is given up");
    }

  private:
    std::map<CheckpointId, CheckpointState> states_;
};

class NoPartInVain : public Checker {
  public:
    const char* name() const override { return "51 no-part-in-vain"; }
    const char* statement() const override {
        return "no machine is told to send a part into an upload that holds parts beyond its "
               "object's last one, of which no object can be made any more";
    }
    void on_part_in_vain(const Sight& sight, const std::string& key) override {
        violate(sight, key + " is cut otherwise by now, and its upload goes on");
    }
};

}  // namespace

void add_bucket_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<CommittedIsReadable>());
    checkers.push_back(std::make_unique<NothingIsLeft>());
    checkers.push_back(std::make_unique<NoUploadDropped>());
    checkers.push_back(std::make_unique<CommitsEnd>());
    checkers.push_back(std::make_unique<NoPartInVain>());
}

}  // namespace herder::sim
