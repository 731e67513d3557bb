// Jobs and checkpoints that a lost database knew, taken up again from what the artifact store
// tells.
#include <algorithm>
#include <set>

#include "core/step/steps.h"

namespace herder {

namespace {

bool is_free(const State& state, const input::FoundJob& found) {
    const auto is_taken = [&state](const Checkpoint& one) {
        return !one.quarantined && state.checkpoints.contains(one.id);
    };
    return found.id && !state.jobs.contains(found.id) &&
           std::none_of(found.checkpoints.begin(), found.checkpoints.end(), is_taken);
}

// Nothing runs by itself: what the job's machines did since is not known. A person resumes it.
JobPhase phase_of(const Work& work, const input::FoundJob& found) {
    const bool is_done = found.outcome && found.outcome->reason == EndReason::kSucceeded;
    if (is_done) return phase::Succeeded{work.now};
    return phase::Paused{work.now};
}

// One that is there and cannot be believed is known from now on as one that is gone: its files are
// left alone, and nobody waits for it.
void add_found(Work& work, Checkpoint one) {
    one.state = one.quarantined ? CheckpointState::kDeleted : CheckpointState::kCommitted;
    one.created = one.committed = work.now;
    work.add_checkpoint(std::move(one));
}

void tell_found(Work& work, JobId job, const std::vector<Checkpoint>& checkpoints) {
    const auto count = std::count_if(checkpoints.begin(), checkpoints.end(),
                                     [](const Checkpoint& one) { return !one.quarantined; });
    work.note(
        "job.found", job, to_text(job),
        {{"name", work.state.jobs.at(job).spec.name}, {"checkpoints", std::to_string(count)}});
}

void take_up(Work& work, const input::FoundJob& found) {
    Job job;
    job.id = found.id;
    job.spec = found.spec;
    job.submitted = work.now;
    job.submitted_wall = found.submitted;
    // What is there under its number is its own, even if no attempt left anything.
    job.fence = std::max(found.fence, Fence{1});
    job.phase = phase_of(work, found);
    for (const Checkpoint& one : found.checkpoints) {
        job.commit_seq = std::max(job.commit_seq, one.commit_seq);
        if (!one.quarantined) job.best_step = std::max(job.best_step, one.step);
        job.fence = std::max(job.fence, one.attempt.fence);
    }
    Meta& meta = work.edit_meta();
    meta.next_job = std::max(meta.next_job, found.id.value + 1);
    work.add_job(std::move(job));
    for (Checkpoint one : found.checkpoints) {
        if (work.state.checkpoints.contains(one.id)) one.id = CheckpointId{meta.next_checkpoint};
        meta.next_checkpoint = std::max(meta.next_checkpoint, one.id.value + 1);
        add_found(work, std::move(one));
    }
    tell_found(work, found.id, found.checkpoints);
}

std::vector<Checkpoint> newer_ones(const State& state, const input::FoundJob& found) {
    std::vector<std::string> names;
    for (const Checkpoint& one : found.checkpoints)
        names.push_back(one.name);
    const std::set<std::string> newer = newer_names(state, found.id, names);
    std::vector<Checkpoint> ones = found.checkpoints;
    std::erase_if(ones, [&](const Checkpoint& one) { return !newer.contains(one.name); });
    return ones;
}

// The database is older than the store. They follow what is known of the job; one whose id was
// given again meanwhile gets another, and its files stay where they are.
void take_newer(Work& work, const input::FoundJob& found) {
    // Another job of the same number: its checkpoints are no state of this one.
    if (found.submitted != work.state.jobs.at(found.id).submitted_wall) return;
    const auto attempt = work.state.attempts.find({found.id, work.state.jobs.at(found.id).fence});
    if (attempt != work.state.attempts.end() && attempt->second.is_live()) return;
    const std::vector<Checkpoint> newer = newer_ones(work.state, found);
    work.state.run_looks.erase(found.id);
    if (newer.empty()) return;
    Job& job = work.edit_job(found.id);
    Meta& meta = work.edit_meta();
    for (Checkpoint one : newer) {
        if (work.state.checkpoints.contains(one.id)) one.id = CheckpointId{meta.next_checkpoint};
        meta.next_checkpoint = std::max(meta.next_checkpoint, one.id.value + 1);
        if (!one.quarantined) {
            job.commit_seq = one.commit_seq = std::max(one.commit_seq, job.commit_seq + 1);
            job.best_step = std::max(job.best_step, one.step);
        }
        add_found(work, std::move(one));
    }
    tell_found(work, found.id, newer);
}

}  // namespace

void on_jobs_found(Work& work, const input::JobsFound& in) {
    // What is not taken up keeps its number, too: its files are there.
    Meta& meta = work.edit_meta();
    meta.next_job = std::max(meta.next_job, in.highest.value + 1);
    meta.next_checkpoint = std::max(meta.next_checkpoint, in.highest_checkpoint.value + 1);
    for (const input::FoundJob& found : in.jobs) {
        if (work.state.jobs.contains(found.id)) take_newer(work, found);
        if (is_free(work.state, found)) take_up(work, found);
    }
    work.dirty = true;
    work.answer(in.reply_to, ReplyBody(reply::Changed{}));
}

}  // namespace herder
