// What of checkpoints may go: deleted in the store after a grace, and asked for until that confirms
// it.
#include <algorithm>

#include "base/back_off.h"
#include "core/step/steps.h"

namespace herder {

namespace {

void forget_asks(Checkpoint& checkpoint) {
    checkpoint.asks = 0;
    checkpoint.asked_since = checkpoint.denied_since = Instant{};
    checkpoint.trouble.clear();
}

// People are told of the first of a job's that the store does not let go of; the others are counted
// where checkpoints are listed.
bool is_first_denied(const State& state, JobId job) {
    const std::set<CheckpointId>& all = state.checkpoints_of.at(job);
    return std::none_of(all.begin(), all.end(), [&](CheckpointId id) {
        const Checkpoint& one = state.checkpoints.at(id);
        return awaits_deletion(one) && one.denied_since != Instant{};
    });
}

void note_undeleted(Work& work, Checkpoint& checkpoint, const input::ObjectsDeleted& in) {
    // In rows of before, what its commit was denied still counts.
    if (checkpoint.trouble.empty()) forget_asks(checkpoint);
    checkpoint.trouble = in.detail;
    // Where there is no answer nothing is known of the right to delete.
    if (!in.denied) return;
    if (is_first_denied(work.state, checkpoint.attempt.job)) {
        work.note("checkpoint.undeletable", checkpoint.attempt.job, checkpoint.name,
                  {{"why", in.detail}});
    }
    if (checkpoint.asks++ == 0) checkpoint.asked_since = checkpoint.denied_since = work.now;
}

// How long what is to go is left alone before it is asked for, the first time and until it is
// confirmed; what is denied, after twice as long each time.
Duration pause_before_deletion(const Work& work, const Checkpoint& checkpoint) {
    const bool was_visible = checkpoint.state == CheckpointState::kDeleting;
    const Duration grace = was_visible ? work.settings.tombstone_grace : work.settings.delete_grace;
    const int denials = checkpoint.trouble.empty() ? 0 : checkpoint.asks;
    return std::max(grace, back_off(grace, denials, work.settings.delete_retry_max));
}

}  // namespace

bool awaits_deletion(const Checkpoint& checkpoint) {
    return checkpoint.state == CheckpointState::kDeleting ||
           checkpoint.state == CheckpointState::kAborted;
}

void retire(Work& work, Checkpoint& checkpoint, CheckpointState next) {
    forget_asks(checkpoint);
    checkpoint.retired = work.now;
    work.set_state(checkpoint, next);
}

void ask_for_deletion(Work& work, CheckpointId id) {
    const Checkpoint& checkpoint = work.state.checkpoints.at(id);
    const Duration pause = pause_before_deletion(work, checkpoint);
    const Instant due = checkpoint.retired + pause;
    if (work.now < due) return work.wake(due);
    Checkpoint& asked = work.edit_checkpoint(id);
    asked.retired = work.now;
    asked.manifest_sha256.clear();  // from here on it cannot be had back
    work.release(effect::DeleteObjects{asked, work.state.jobs.at(asked.attempt.job).spec.team});
    work.wake(work.now + pause);
}

void on_deleted(Work& work, const input::ObjectsDeleted& in) {
    const auto found = work.state.checkpoints.find(in.checkpoint);
    if (found == work.state.checkpoints.end() || !awaits_deletion(found->second)) return;
    Checkpoint& checkpoint = work.edit_checkpoint(in.checkpoint);
    if (in.outcome != input::CallOutcome::kDone) return note_undeleted(work, checkpoint, in);
    forget_asks(checkpoint);
    work.set_state(checkpoint, CheckpointState::kDeleted);
}

}  // namespace herder
