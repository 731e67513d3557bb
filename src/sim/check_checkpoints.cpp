// Invariants of checkpoints: one linear history, and nothing lost when a job moves. Those of what
// lies in the bucket are in check_bucket.cpp.
#include <algorithm>

#include "sim/checker.h"

namespace herder::sim {

namespace {

class ChainIsLinear : public Checker {
  public:
    const char* name() const override { return "16 checkpoint-chain"; }
    const char* statement() const override {
        return "commit sequence strictly increases, fence never decreases, the parent is what the "
               "attempt restored or its own commit before, the step is above the parent's, who "
               "really wrote it is the attempt in whose name it was committed, and in the end no "
               "manifest lies in the bucket but those of what is committed";
    }
    void on_end(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [key, object] : sight.objects.bucket().objects()) {
            const auto manifest = parse_manifest(object.text);
            if (!manifest) continue;
            const auto row = sight.leader->checkpoints.find(manifest->checkpoint);
            const bool is_known = row != sight.leader->checkpoints.end() &&
                                  row->second.commit_seq == manifest->commit_seq &&
                                  row->second.attempt.fence == manifest->fence;
            if (!is_known) violate(sight, key + " tells of a commit that nobody made");
        }
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const Event& event : commit.events) {
            if (event.kind != "checkpoint.committed") continue;
            for (const auto& [key, checkpoint] : committed_now(commit, state))
                check(sight, *checkpoint, state);
            return;
        }
    }

  private:
    static std::map<std::uint64_t, const Checkpoint*> committed_now(const Commit& commit,
                                                                    const State& state) {
        std::map<std::uint64_t, const Checkpoint*> found;
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto id = parse_id<CheckpointTag>(change.key);
            const Checkpoint& checkpoint = state.checkpoints.at(*id);
            if (checkpoint.commit_seq > 0) found[id->value] = &checkpoint;
        }
        return found;
    }
    void check(const Sight& sight, const Checkpoint& checkpoint, const State& state) {
        if (!seen_.insert(checkpoint.id).second) return;
        Last& last = last_[checkpoint.attempt.job];
        if (checkpoint.commit_seq <= last.seq) violate(sight, text(checkpoint) + ": sequence");
        if (checkpoint.attempt.fence.value < last.fence)
            violate(sight, text(checkpoint) + ": fence");
        last = {checkpoint.commit_seq, checkpoint.attempt.fence.value};
        const bool is_own_work = check_origin(sight, checkpoint);
        if (!checkpoint.parent || !is_own_work) return;
        const Checkpoint& parent = state.checkpoints.at(checkpoint.parent);
        if (checkpoint.step <= parent.step) violate(sight, text(checkpoint) + ": step");
        const auto attempt = state.attempts.find(checkpoint.attempt);
        const bool own = parent.attempt == checkpoint.attempt;
        const StoredCheckpoint* stored = sight.objects.find(checkpoint.id);
        const bool restored =
            attempt != state.attempts.end() && attempt->second.resumed_from == checkpoint.parent &&
            (stored == nullptr || !stored->origin || stored->origin->restored == checkpoint.parent);
        if (!own && !restored) violate(sight, text(checkpoint) + ": parent");
    }
    // What the records say of a checkpoint is what its reporter claimed; the store knows better.
    bool check_origin(const Sight& sight, const Checkpoint& checkpoint) {
        const StoredCheckpoint* stored = sight.objects.find(checkpoint.id);
        if (stored == nullptr || !stored->origin) return true;
        const AttemptKey writer = stored->origin->attempt;
        if (writer != checkpoint.attempt) {
            violate(sight, text(checkpoint) + ": written by attempt " +
                               std::to_string(writer.fence.value) + ", committed as attempt " +
                               std::to_string(checkpoint.attempt.fence.value));
            return false;
        }
        return true;
    }
    static std::string text(const Checkpoint& checkpoint) {
        return to_text(checkpoint.attempt.job) + " " + checkpoint.name;
    }
    struct Last {
        std::uint64_t seq = 0;
        std::uint64_t fence = 0;
    };
    std::map<JobId, Last> last_;
    std::set<CheckpointId> seen_;
};

class NoRegress : public Checker {
  public:
    const char* name() const override { return "18 no-regress"; }
    const char* statement() const override {
        return "a restart begins at the newest committed checkpoint that verifies there, and none "
               "is "
               "refused that has arrived as it was declared";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const Event& event : commit.events) {
            if (event.kind == "checkpoint.aborted") check_refusal(sight, commit, state, event);
        }
    }
    void on_restoring(const Sight& sight, const FakeAgent& agent,
                      const Assignment& assignment) override {
        if (assignment.resume_from && !has_manifest(sight, *assignment.resume_from))
            violate(sight, to_text(*assignment.resume_from) + " is restored without a manifest");
        if (sight.leader == nullptr || !agent.facts().attempt) return;
        const AttemptKey key = *agent.facts().attempt;
        // Orders may be a moment old: only commits of earlier attempts bind them.
        const Checkpoint* newest = nullptr;
        for (const auto& [id, checkpoint] : sight.leader->checkpoints) {
            if (checkpoint.attempt.job != key.job || checkpoint.commit_seq == 0) continue;
            if (checkpoint.state != CheckpointState::kCommitted) continue;
            if (checkpoint.quarantined || checkpoint.attempt.fence >= key.fence) continue;
            const StoredCheckpoint* stored = sight.objects.find(id);
            if (stored != nullptr && stored->failed_on.contains(agent.machine())) continue;
            if (checkpoint.committed + minutes(3) > sight.logical_now) continue;
            if (newest == nullptr || checkpoint.commit_seq > newest->commit_seq) {
                newest = &checkpoint;
            }
        }
        if (newest == nullptr) return;
        const auto chosen = assignment.resume_from
                                ? sight.leader->checkpoints.find(*assignment.resume_from)
                                : sight.leader->checkpoints.end();
        if (chosen == sight.leader->checkpoints.end() ||
            chosen->second.commit_seq < newest->commit_seq) {
            violate(sight, to_text(key.job) + " restarts at step " +
                               std::to_string(assignment.resume_step) + " although step " +
                               std::to_string(newest->step) + " is committed");
        }
    }

  private:
    // Or had one, which the store lost since.
    static bool has_manifest(const Sight& sight, CheckpointId id) {
        const StoredCheckpoint* stored = sight.objects.find(id);
        return sight.objects.manifest(id) || (stored != nullptr && stored->has_lost_manifest);
    }
    static bool is_about_order(const std::string& why) {
        return why.starts_with("fenced") || why.find("later one") != std::string::npos ||
               why.find("step is not above") != std::string::npos;
    }
    void check_refusal(const Sight& sight, const Commit& commit, const State& state,
                       const Event& aborted) {
        std::string why;
        for (const auto& [name, value] : aborted.fields) {
            if (name == "why") why = value;
        }
        if (is_about_order(why)) return;
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const Checkpoint& one = state.checkpoints.at(*parse_id<CheckpointTag>(change.key));
            const StoredCheckpoint* stored = sight.objects.find(one.id);
            if (sight.objects.is_denied(one.id)) continue;
            // Where somebody else had put a manifest there is no place for ours.
            if (stored != nullptr && stored->is_forged) continue;
            if (one.name == aborted.subject && stored != nullptr && stored->had_arrived)
                violate(sight, one.name + " is refused, and all of it is there: " + why);
        }
    }
};

// One machine's word is not enough: the fault may be its own.
class TwoWitnesses : public Checker {
  public:
    const char* name() const override { return "46 two-witnesses"; }
    const char* statement() const override {
        return "a checkpoint is set aside only after its restore failed on two machines, or when "
               "its manifest is gone from the store";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row == state.checkpoints.end() || !row->second.quarantined) continue;
            if (!seen_.insert(row->first).second) continue;
            const StoredCheckpoint* stored = sight.objects.find(row->first);
            if (stored != nullptr && stored->has_lost_manifest) {
                sight.stage.marks.hit(Mark::kGoneSeen);
                continue;
            }
            const std::size_t witnesses = stored == nullptr ? 0 : stored->failed_on.size();
            if (witnesses < kWitnesses)
                violate(sight, row->second.name + " is set aside, but failed on " +
                                   std::to_string(witnesses) + " machines");
            sight.stage.marks.hit(Mark::kTwoWitnesses);
        }
    }

  private:
    static constexpr std::size_t kWitnesses = 2;
    std::set<CheckpointId> seen_;
};

// Whatever the machine made of it: what came is compared with what was declared.
class RestoredIsRight : public Checker {
  public:
    const char* name() const override { return "49 restored-is-right"; }
    const char* statement() const override {
        return "no run begins with a checkpoint that did not come as it was declared";
    }
    void on_computing(const Sight& sight, const FakeAgent& agent) override {
        const AgentFacts& facts = agent.facts();
        if (facts.read_back && !facts.is_read_right)
            violate(sight, to_text(*facts.read_back) + " was restored, and is not what it was");
    }
};

class SetAsideStays : public Checker {
  public:
    const char* name() const override { return "50 set-aside-stays"; }
    const char* statement() const override {
        return "what was set aside is never restored again; here no person takes that back. The "
               "history says why it was set aside";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kCheckpoint) continue;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row == state.checkpoints.end() || !row->second.quarantined) continue;
            if (!since_.emplace(row->first, sight.stage.now()).second) continue;
            if (!is_told(commit, row->second))
                violate(sight, row->second.name + " is set aside without a word");
        }
    }
    void on_restoring(const Sight& sight, const FakeAgent&, const Assignment& assignment) override {
        if (!assignment.resume_from) return;
        const auto found = since_.find(*assignment.resume_from);
        // Orders may be a moment old.
        if (found != since_.end() && found->second + minutes(10) < sight.stage.now())
            violate(sight, assignment.resume_name + " was set aside, and is restored");
    }

  private:
    static bool is_told(const Commit& commit, const Checkpoint& checkpoint) {
        return std::any_of(commit.events.begin(), commit.events.end(), [&](const Event& event) {
            return event.kind == "checkpoint.quarantined" && event.subject == checkpoint.name &&
                   std::any_of(event.fields.begin(), event.fields.end(), [](const auto& field) {
                       return field.first == "why" && !field.second.empty();
                   });
        });
    }
    std::map<CheckpointId, Instant> since_;
};

// Two would do; a machine may die before it has told what it met.
class NoEndlessTry : public Checker {
  public:
    const char* name() const override { return "52 no-endless-try"; }
    const char* statement() const override {
        return "what four machines, one after the other, could not read is tried on no fifth";
    }
    void on_restoring(const Sight& sight, const FakeAgent& agent,
                      const Assignment& assignment) override {
        if (!assignment.resume_from) return;
        const StoredCheckpoint* stored = sight.objects.find(*assignment.resume_from);
        if (stored == nullptr || stored->unread_on.contains(agent.machine())) return;
        if (stored->unread_on.size() >= kTries)
            violate(sight, assignment.resume_name + " is tried once more, though " +
                               std::to_string(stored->unread_on.size()) +
                               " machines could not read it");
    }

  private:
    static constexpr std::size_t kTries = 4;
};

}  // namespace

void add_checkpoint_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<ChainIsLinear>());
    checkers.push_back(std::make_unique<NoRegress>());
    checkers.push_back(std::make_unique<TwoWitnesses>());
    checkers.push_back(std::make_unique<RestoredIsRight>());
    checkers.push_back(std::make_unique<SetAsideStays>());
    checkers.push_back(std::make_unique<NoEndlessTry>());
}

}  // namespace herder::sim
