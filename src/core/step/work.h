#pragma once
// One batch in the making: the state, the moment, and what has been decided so far. Every change of
// a row goes through `edit_*`, so that nothing is forgotten when the batch is committed.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/provisioner/label.h"
#include "core/step/input.h"
#include "core/step/output.h"
#include "core/step/settings.h"
#include "core/step/state.h"

namespace herder {

class Work {
  public:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    Work(State& state, const ClusterIdentity& cluster, const Settings& settings)
        : state(state), cluster(cluster), settings(settings) {}

    // Begins the next input of the batch.
    void begin(const Input& in);

    Job& edit_job(JobId id);
    Attempt& edit_attempt(AttemptKey key);
    Intent& edit_intent(IntentId id);
    Checkpoint& edit_checkpoint(CheckpointId id);
    Meta& edit_meta();

    Job& add_job(Job job);
    Attempt& add_attempt(Attempt attempt);
    Intent& add_intent(Intent intent);
    Checkpoint& add_checkpoint(Checkpoint checkpoint);
    void put_charge(const Charge& charge);
    void set_budgets(std::vector<BudgetSpec> budgets);
    // What each budget has seen by now, in the order of meta.budgets; gathered anew only after a
    // rental or a charge was changed.
    const std::vector<BudgetUse>& budget_uses();

    // Phases are changed here and nowhere else, because indexes follow from them.
    void set_phase(Job& job, JobPhase phase);
    void set_phase(Attempt& attempt, AttemptPhase phase);
    void set_phase(Intent& intent, IntentPhase phase);
    void set_state(Checkpoint& checkpoint, CheckpointState next);

    void note(std::string kind, JobId job, std::string subject, Fields fields = {});
    void release(Effect effect) { out.effects.push_back(std::move(effect)); }
    void answer(ReplyTo to, Result<ReplyBody> body);
    void wake(Instant at) { out.wake_at = std::min(out.wake_at, at); }
    std::uint64_t jitter();

    // Emits rows and their after-images for everything that was edited.
    void flush();

    State& state;
    const ClusterIdentity& cluster;
    const Settings& settings;
    Instant now;
    WallTime wall;
    bool dirty = false;           // something other than a heartbeat happened: sweep
    bool waits_for_plan = false;  // a job was left out because enough rentals are planned
    Output out;

  private:
    void emit(Table table, std::string key, std::string record, JobId job);
    void append(Event event);

    std::uint64_t draw_ = 0;
    std::set<JobId> jobs_;
    std::set<AttemptKey> attempts_;
    std::set<IntentId> intents_;
    std::set<CheckpointId> checkpoints_;
    std::set<ChargeKey> charges_;
    bool meta_ = false;
    std::optional<std::vector<BudgetUse>> uses_;
};

// The members as they are now, for loops that change the set itself.
template <class T>
std::vector<T> snapshot(const std::set<T>& members) {
    return {members.begin(), members.end()};
}

// Puts a stored row into the state with all indexes; used at load and by replay.
Status load_row(State& state, const RowChange& row);

// Keys of the tables, as text.
std::string row_key(AttemptKey key);
std::string row_key(const ChargeKey& key);

}  // namespace herder
