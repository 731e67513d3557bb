// The invariant of rotation: what was seen to verify stays. Judged by what was truly compared and
// by what lies in the bucket, not by the plan of those that may go.
#include <algorithm>

#include "sim/checker.h"

namespace herder::sim {

namespace {

constexpr int kStay = 2;

class LastVerifiedStay : public Checker {
  public:
    const char* name() const override { return "48 last-verified"; }
    const char* statement() const override {
        return "the last two checkpoints of a job that were seen to verify, and are in no doubt, "
               "are never deleted; and what counts as verified was compared, by the store or by a "
               "machine that restored all of it";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row != state.checkpoints.end()) learn(sight, row->second);
        }
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto found = known_.find(*parse_id<CheckpointTag>(change.key));
            if (found != known_.end() && found->second.goes_now) judge_going(sight, found->first);
        }
    }
    void on_object_removed(const Sight& sight, const std::string& key) override {
        const CheckpointId id = sight.objects.owner_of(key);
        const auto known = known_.find(id);
        if (known == known_.end() || known->second.is_going) return;
        if (key.ends_with("/manifest.json")) check(sight, id);
    }

  private:
    struct Known {
        JobId job;
        std::string name;
        std::uint64_t commit_seq = 0;
        bool was_compared = false;  // by the store, when it was committed
        bool is_told = false;       // the records call it verified
        bool is_trusted = false;
        bool is_committed = false;
        bool is_going = false;  // its deletion was asked for: there is no way back
        bool goes_now = false;  // since this commit
    };
    void learn(const Sight& sight, const Checkpoint& row) {
        if (row.commit_seq == 0) return;
        Known& known = known_[row.id];
        if (known.commit_seq == 0) {
            of_job_[row.attempt.job].push_back(row.id);
            known.was_compared =
                sight.objects.bucket().tells_checksums() && was_whole(sight, row.id);
        }
        known.job = row.attempt.job;
        known.name = row.name;
        known.commit_seq = row.commit_seq;
        known.is_told = row.verified;
        known.is_trusted = !row.quarantined && !row.doubted_by;
        known.is_committed = row.state == CheckpointState::kCommitted;
        const bool is_going =
            row.state == CheckpointState::kDeleting && row.manifest_sha256.empty();
        known.goes_now = is_going && !known.is_going;
        known.is_going = is_going;
        if (row.verified && !known.was_compared && !was_restored(sight, row.id))
            violate(sight, row.name + " counts as verified, and nobody has compared it");
    }
    // What the store changed by itself since had been compared before.
    static bool was_whole(const Sight& sight, CheckpointId id) {
        const StoredCheckpoint* stored = sight.objects.find(id);
        return stored != nullptr && (stored->is_harmed || sight.objects.is_whole(id));
    }
    static bool was_restored(const Sight& sight, CheckpointId id) {
        const StoredCheckpoint* stored = sight.objects.find(id);
        return stored != nullptr && stored->was_restored;
    }
    // And the orchestrator could know it.
    static bool is_seen_to_verify(const Sight& sight, CheckpointId id, const Known& known) {
        const bool is_seen = known.was_compared || (known.is_told && was_restored(sight, id));
        return is_seen && known.is_trusted;
    }
    static bool is_there(const Sight& sight, CheckpointId id) {
        const StoredCheckpoint* stored = sight.objects.find(id);
        return sight.objects.manifest(id) || (stored != nullptr && stored->has_lost_manifest);
    }
    void judge_going(const Sight& sight, CheckpointId id) {
        check(sight, id);
        const Known& one = known_.at(id);
        const auto& ids = of_job_.at(one.job);
        const bool has_outlived = std::any_of(ids.begin(), ids.end(), [&](CheckpointId other) {
            const Known& older = known_.at(other);
            return older.commit_seq < one.commit_seq && older.is_committed &&
                   is_seen_to_verify(sight, other, older);
        });
        if (has_outlived) sight.stage.marks.hit(Mark::kVerifiedKept);
    }
    void check(const Sight& sight, CheckpointId id) {
        const Known& one = known_.at(id);
        if (!is_seen_to_verify(sight, id, one)) return;
        const auto& ids = of_job_.at(one.job);
        const auto newer = std::count_if(ids.begin(), ids.end(), [&](CheckpointId other) {
            const Known& later = known_.at(other);
            return later.commit_seq > one.commit_seq && is_seen_to_verify(sight, other, later) &&
                   is_there(sight, other);
        });
        if (newer < kStay)
            violate(sight,
                    one.name + " is deleted, but among the last two that were seen to verify");
    }
    std::map<CheckpointId, Known> known_;  // that were ever committed
    std::map<JobId, std::vector<CheckpointId>> of_job_;
};

}  // namespace

void add_verified_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<LastVerifiedStay>());
}

}  // namespace herder::sim
