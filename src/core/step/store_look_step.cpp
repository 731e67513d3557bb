// Before an attempt begins: what the artifact store holds of its job. A database that was put back
// from a backup knows less than is there, and its numbers would meet those that were given since.
#include <algorithm>
#include <set>

#include "core/step/steps.h"

namespace herder {

namespace {

// Shorter waits are not worth a word.
constexpr Duration kSaidAfter = seconds(10);

void ask(Work& work, const Job& job, RunLook& look) {
    const bool is_due =
        look.asked == Instant{} || work.now >= look.asked + work.settings.outcome_retry;
    if (look.is_bare) {
        set_waiting(work, job.id,
                    "its files: the storage holds nothing of it, although checkpoints were "
                    "committed; if the folder or bucket is the wrong one, or not all there yet, "
                    "that is looked at again; if they are gone for good, launch it again");
    } else if (!is_due && work.now >= look.asked + kSaidAfter) {
        set_waiting(work, job.id, "the storage, to see what is there of it");
    }
    if (is_due) {
        look.asked = work.now;
        effect::LookAtRun effect{job.id, job.fence, job.spec.team, {}};
        if (const Checkpoint* resume = resume_choice(work.state, job.id)) effect.resume = *resume;
        work.release(std::move(effect));
    }
    const bool is_early = work.now < look.asked + kSaidAfter;
    work.wake(look.asked + (is_early ? kSaidAfter : work.settings.outcome_retry));
}

// It was committed, and its manifest is not there: deleted in the store, or since the backup.
void give_up_gone(Work& work, CheckpointId id) {
    const auto found = work.state.checkpoints.find(id);
    const bool is_wanted = found != work.state.checkpoints.end() && !found->second.quarantined &&
                           found->second.state == CheckpointState::kCommitted;
    if (is_wanted) quarantine(work, id, "its manifest is not in the storage any more");
}

}  // namespace

std::set<std::string> newer_names(const State& state, JobId job,
                                  const std::vector<std::string>& names) {
    std::set<std::string> known;
    std::int64_t newest = -1;
    const auto own = state.checkpoints_of.find(job);
    if (own != state.checkpoints_of.end()) {
        for (const CheckpointId id : own->second) {
            const Checkpoint& one = state.checkpoints.at(id);
            known.insert(one.name);
            if (one.state == CheckpointState::kCommitted) newest = std::max(newest, one.step);
        }
    }
    std::set<std::string> newer;
    for (const std::string& text : names) {
        const auto name = parse_checkpoint_name(text);
        if (name && name->step > newest && !known.contains(text)) newer.insert(text);
    }
    return newer;
}

bool waits_for_store(Work& work, const Job& job) {
    if (!work.settings.looks_at_runs) return false;
    RunLook& look = work.state.run_looks[job.id];
    if (!look.is_seen) {
        ask(work, job, look);
    } else if (look.is_taken) {
        set_waiting(work, job.id,
                    "another number: files of another job lie in the storage under this one; "
                    "cancel it and launch it again");
    } else if (look.is_behind) {
        set_waiting(work, job.id,
                    "'herder storage rebuild': the storage holds newer checkpoints of it than the "
                    "database, which may be an old backup");
    }
    return !look.is_seen || look.is_taken || look.is_behind;
}

Fence next_fence(Work& work, const Job& job) {
    Fence newest = job.fence;
    if (const auto look = work.state.run_looks.find(job.id); look != work.state.run_looks.end()) {
        newest = std::max(newest, look->second.fence);
        work.state.run_looks.erase(look);
    }
    return newest.next();
}

void on_run_seen(Work& work, const input::RunSeen& in) {
    work.dirty = true;
    const auto look = work.state.run_looks.find(in.job);
    if (look == work.state.run_looks.end()) return;
    const Job& job = work.state.jobs.at(in.job);
    // A disk that is not mounted looks so, too: nothing is judged by it, and the next answer may
    // differ.
    look->second.is_bare = in.gone && in.is_empty;
    if (look->second.is_bare && is_waiting(job.phase)) return;
    if (!is_waiting(job.phase) || in.gone) {
        // With another checkpoint to go on from it is looked at once more.
        work.state.run_looks.erase(look);
        if (!in.is_empty) give_up_gone(work, in.gone);
        return;
    }
    if (in.highest.value >= work.state.meta.next_checkpoint)
        work.edit_meta().next_checkpoint = in.highest.value + 1;
    look->second.is_seen = true;
    look->second.fence = in.fence;
    const bool is_new = job.fence == Fence{} && !work.state.checkpoints_of.contains(in.job);
    look->second.is_taken = is_new && !in.is_empty;
    look->second.is_behind = !is_new && !newer_names(work.state, in.job, in.manifests).empty();
    if (look->second.is_taken) work.note("job.number_taken", in.job, to_text(in.job));
    if (look->second.is_behind) work.note("job.storage_ahead", in.job, to_text(in.job));
}

}  // namespace herder
