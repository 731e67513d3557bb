// Jobs and checkpoints that a lost database knew, taken up again from what the artifact store
// tells.
#include <algorithm>

#include "core/step/steps.h"

namespace herder {

namespace {

bool is_free(const State& state, const input::FoundJob& found) {
    const auto is_taken = [&state](const Checkpoint& one) {
        return state.checkpoints.contains(one.id);
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

void take_up(Work& work, const input::FoundJob& found) {
    Job job;
    job.id = found.id;
    job.spec = found.spec;
    job.submitted = work.now;
    job.submitted_wall = found.submitted;
    job.fence = found.fence;
    job.phase = phase_of(work, found);
    for (const Checkpoint& one : found.checkpoints) {
        job.commit_seq = std::max(job.commit_seq, one.commit_seq);
        job.best_step = std::max(job.best_step, one.step);
        job.fence = std::max(job.fence, one.attempt.fence);
    }
    Meta& meta = work.edit_meta();
    meta.next_job = std::max(meta.next_job, found.id.value + 1);
    work.add_job(std::move(job));
    for (Checkpoint one : found.checkpoints) {
        meta.next_checkpoint = std::max(meta.next_checkpoint, one.id.value + 1);
        one.state = CheckpointState::kCommitted;
        one.created = one.committed = work.now;
        work.add_checkpoint(std::move(one));
    }
    work.note(
        "job.found", found.id, to_text(found.id),
        {{"name", found.spec.name}, {"checkpoints", std::to_string(found.checkpoints.size())}});
}

}  // namespace

void on_jobs_found(Work& work, const input::JobsFound& in) {
    for (const input::FoundJob& found : in.jobs) {
        if (is_free(work.state, found)) take_up(work, found);
    }
    // What could not be taken up keeps its number, too: its files are still there.
    Meta& meta = work.edit_meta();
    meta.next_job = std::max(meta.next_job, in.highest.value + 1);
    work.dirty = true;
    work.answer(in.reply_to, ReplyBody(reply::Changed{}));
}

}  // namespace herder
