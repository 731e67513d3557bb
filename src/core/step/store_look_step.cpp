// Before an attempt begins: what the artifact store holds of its job. A database that was put back
// from a backup knows less than is there, and its numbers would meet those that were given since.
#include <algorithm>
#include <set>
#include <utility>

#include "core/step/steps.h"

namespace herder {

namespace {

// Shorter waits are not worth a word.
constexpr Duration kSaidAfter = seconds(10);

// What was learnt so far, and what to do about it; empty where nothing was.
std::string what_is_wrong(const RunLook& look) {
    if (look.is_taken) {
        return "another number: files of another job lie in the storage under this one; cancel it "
               "and launch it again; if they are removed, it goes on by itself";
    }
    if (look.is_behind) {
        return "'herder storage rebuild': the storage holds newer checkpoints of it than the "
               "database, which may be an old backup";
    }
    if (look.is_denied) {
        return "the storage, which does not let the server see what is there of it (" + look.why +
               "); give its credentials the right to list and read there, 'herder storage probe' "
               "tells what they may do; it is asked again and the job goes on by itself";
    }
    if (!look.why.empty()) {
        return "the storage, which does not say what is there of it (" + look.why +
               "); it is asked again";
    }
    if (!look.is_bare) return "";
    return "its files: the storage holds nothing of it, although checkpoints were committed; if "
           "the folder or bucket is the wrong one, or not all there yet, that is looked at again; "
           "if they are gone for good, launch it again";
}

void ask(Work& work, const Job& job, RunLook& look) {
    const Duration pause = store_pause(work.settings, look.asks);
    const bool is_due = look.asked == Instant{} || work.now >= look.asked + pause;
    if (const std::string wrong = what_is_wrong(look); !wrong.empty()) {
        set_waiting(work, job.id, wrong);
    } else if (!is_due && work.now >= look.asked + kSaidAfter) {
        set_waiting(work, job.id, "the storage, to see what is there of it");
    }
    if (is_due) {
        look.asked = work.now;
        ++look.asks;
        effect::LookAtRun effect{job.id, job.fence, job.spec.team, {}};
        if (const Checkpoint* resume = resume_choice(work.state, job.id)) effect.resume = *resume;
        work.release(std::move(effect));
    }
    const bool is_early = work.now < look.asked + kSaidAfter;
    work.wake(look.asked + (is_early ? kSaidAfter : store_pause(work.settings, look.asks)));
}

// It was committed, and its manifest is not there: deleted in the store, or since the backup.
void give_up_gone(Work& work, CheckpointId id) {
    const auto found = work.state.checkpoints.find(id);
    const bool is_wanted = found != work.state.checkpoints.end() && !found->second.quarantined &&
                           found->second.state == CheckpointState::kCommitted;
    if (is_wanted) quarantine(work, id, "its manifest is not in the storage any more");
}

// Whose files they are, and whether all of them are known; each time anew, since somebody may have
// removed them. What was told before is not told again.
void judge(Work& work, const Job& job, const input::RunSeen& in, RunLook& look) {
    // A backup made before its first attempt knows nothing of what it left. Its record does: the
    // time, to the microsecond, is that of this very job.
    const bool is_new = job.fence == Fence{} && !work.state.checkpoints_of.contains(in.job);
    const bool is_own = in.submitted != WallTime{} && in.submitted == job.submitted_wall;
    const bool was_taken = std::exchange(look.is_taken, is_new && !in.is_empty && !is_own);
    const bool is_behind = !look.is_taken && !newer_names(work.state, in.job, in.manifests).empty();
    const bool was_behind = std::exchange(look.is_behind, is_behind);
    if (look.is_taken && !was_taken) work.note("job.number_taken", in.job, to_text(in.job));
    if (look.is_behind && !was_behind) work.note("job.storage_ahead", in.job, to_text(in.job));
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
    if (look.is_seen && !look.is_taken && !look.is_behind) return false;
    ask(work, job, look);
    return true;
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
    look->second.failures = 0;
    look->second.is_denied = false;
    look->second.why.clear();
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
    judge(work, job, in, look->second);
}

void on_run_look_failed(Work& work, const input::RunLookFailed& in) {
    work.dirty = true;
    const auto found = work.state.run_looks.find(in.job);
    if (found == work.state.run_looks.end()) return;
    if (!is_waiting(work.state.jobs.at(in.job).phase)) {
        work.state.run_looks.erase(found);
        return;
    }
    RunLook& look = found->second;
    look.why = in.detail;
    look.is_denied = in.denied;
    if (++look.failures != kAsksBeforeTold) return;
    work.note("job.storage_unseen", in.job, to_text(in.job),
              {{"why", in.detail}, {"denied", in.denied ? "yes" : "no"}});
}

}  // namespace herder
