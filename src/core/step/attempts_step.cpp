// The life of an attempt after it was placed: how it ends, and what becomes of its job.
#include "base/assert.h"
#include "core/job_queue/retry_policy.h"
#include "core/step/steps.h"

namespace herder {

namespace {

void close_machines(Work& work, const Attempt& attempt, EndReason reason) {
    for (const AttemptMember& member : attempt.members) {
        Intent& intent = work.state.intents.at(member.intent);
        work.state.leases.erase(intent.id);
        if (std::holds_alternative<rent::Planned>(intent.phase)) {
            drop_plan(work, intent, "no longer wanted");
        } else if (std::holds_alternative<rent::Bound>(intent.phase) ||
                   std::holds_alternative<rent::Live>(intent.phase)) {
            close_intent(work, intent, to_string(reason));
        }
        // Armed, sent and unknown ones resolve first; being without an attempt they are then
        // closed.
    }
}

// Progress is written down at most once a minute; what ends an attempt writes down the newest.
void keep_step(Work& work, Attempt& attempt) {
    for (const AttemptMember& member : attempt.members) {
        const auto lease = work.state.leases.find(member.intent);
        if (lease == work.state.leases.end() || lease->second.step <= attempt.step) continue;
        work.edit_attempt(attempt.key()).step = lease->second.step;
    }
}

Duration avoided_for(const Settings& settings, EndReason reason) {
    if (reason == EndReason::kAdmissionFailed) return settings.avoid_liar;
    if (reason == EndReason::kImageError) return settings.avoid_ask;
    return settings.avoid_machine;
}

void blame_host(Work& work, const Attempt& attempt, EndReason reason) {
    std::erase_if(work.edit_meta().avoided_machines,
                  [&](const auto& avoided) { return avoided.second <= work.now; });
    for (const AttemptMember& member : attempt.members) {
        const Intent& intent = work.state.intents.at(member.intent);
        if (!intent.contract) continue;
        Instant& until = work.edit_meta().avoided_machines[intent.offer.machine];
        until = std::max(until, work.now + avoided_for(work.settings, reason));
    }
}

// As many machines in a row as it takes could not use the image: no other will.
bool has_image_struck_out(const Work& work, const Attempt& attempt) {
    int strikes = 1;
    for (AttemptKey key = attempt.key(); key.fence.value > 1; ++strikes) {
        key.fence.value -= 1;
        const auto before = work.state.attempts.find(key);
        if (before == work.state.attempts.end()) break;
        const auto* ended = std::get_if<attempt_phase::Ended>(&before->second.phase);
        if (ended == nullptr || ended->reason != EndReason::kImageError) break;
    }
    return strikes >= work.settings.image_strikes;
}

const char* phase_event(const JobPhase& phase) {
    if (std::holds_alternative<phase::Succeeded>(phase)) return "job.succeeded";
    if (std::holds_alternative<phase::Failed>(phase)) return "job.failed";
    if (std::holds_alternative<phase::Cancelled>(phase)) return "job.cancelled";
    if (std::holds_alternative<phase::Paused>(phase)) return "job.paused";
    return "job.recovering";
}

}  // namespace

void end_attempt(Work& work, AttemptKey key, EndReason reason, const std::string& detail) {
    Attempt& attempt = work.edit_attempt(key);
    if (!attempt.is_live()) return;
    Job& job = work.edit_job(key.job);
    job.ran = ran_so_far(work.state, job, work.now);
    keep_step(work, attempt);
    work.set_phase(attempt, attempt_phase::Ended{work.now, reason, detail});
    work.note("attempt.ended", key.job, row_key(key),
              {{"reason", to_string(reason)},
               {"detail", detail},
               {"step", std::to_string(attempt.step)}});
    seal_uploads(work, key);
    tell_given_back(work, attempt, reason, detail);
    close_machines(work, attempt, reason);
    if (blames_host(reason)) blame_host(work, attempt, reason);
    const RetryLimits limits{work.settings.backoff_first, work.settings.backoff_max};
    JobPhase next = decide_after_attempt(job, reason, detail, work.now, limits, work.jitter());
    if (!is_active(next) && !is_waiting(next)) job.stop.reset();
    if (reason == EndReason::kImageError && is_waiting(next) &&
        has_image_struck_out(work, attempt)) {
        next = phase::Failed{work.now, reason, detail};
    }
    const char* event = phase_event(next);
    work.set_phase(job, std::move(next));
    work.note(event, job.id, to_text(job.id), {{"reason", to_string(reason)}});
}

void lose_attempt(Work& work, AttemptKey key, EndReason reason, const std::string& detail) {
    Attempt& attempt = work.edit_attempt(key);
    if (!attempt.is_live()) return;
    if (!attempt.started) return end_attempt(work, key, reason, detail);
    keep_step(work, attempt);
    // The agent leaves the outcome in the artifact store before it goes: nothing is run again
    // before somebody has looked there.
    work.note("attempt.lost", key.job, row_key(key),
              {{"reason", to_string(reason)}, {"detail", detail}});
    work.set_phase(
        attempt, attempt_phase::Stopping{work.now, work.now + work.settings.outcome_retry, reason});
    work.release(effect::FindOutcome{key, work.state.jobs.at(key.job).spec.team});
}

void on_outcome_found(Work& work, const input::OutcomeFound& in) {
    const auto found = work.state.attempts.find(in.attempt);
    if (found == work.state.attempts.end() || !found->second.is_live()) return;
    const auto* stopping = std::get_if<attempt_phase::Stopping>(&found->second.phase);
    if (stopping == nullptr || stopping->moves ||
        kind_of(stopping->reason) != ReasonKind::kInfrastructure) {
        return;
    }
    const EndReason lost = stopping->reason;
    if (in.outcome) {
        work.edit_attempt(in.attempt).exit_code = in.outcome->exit_code;
        return end_attempt(work, in.attempt, in.outcome->reason, in.outcome->detail);
    }
    end_attempt(work, in.attempt, lost, explain(lost));
}

namespace {

void sweep_stopping(Work& work, AttemptKey key, const attempt_phase::Stopping& stopping) {
    if (work.now < stopping.deadline) return work.wake(stopping.deadline);
    if (stopping.moves || kind_of(stopping.reason) != ReasonKind::kInfrastructure) {
        return end_attempt(work, key, stopping.reason, "the stop took too long and was cut short");
    }
    // Whoever asked for the end of the job does not wait for a store that does not answer.
    if (work.state.jobs.at(key.job).stop) {
        return end_attempt(work, key, stopping.reason, explain(stopping.reason));
    }
    attempt_phase::Stopping again = stopping;
    again.deadline = work.now + work.settings.outcome_retry;
    work.set_phase(work.edit_attempt(key), again);
    work.release(effect::FindOutcome{key, work.state.jobs.at(key.job).spec.team});
    work.wake(again.deadline);
}

void sweep_limits(Work& work, AttemptKey key) {
    const Job& job = work.state.jobs.at(key.job);
    if (job.spec.limits.max_duration <= Duration{} || job.stop) return;
    const Duration left = job.spec.limits.max_duration - ran_so_far(work.state, job, work.now);
    if (left <= Duration{}) {
        if (is_time_in_doubt(work)) return;
        return request_stop(work, key.job, EndReason::kMaxDuration, "herder");
    }
    if (work.state.attempts.at(key).started) work.wake(work.now + left);
}

}  // namespace

void sweep_attempts(Work& work) {
    const std::vector<AttemptKey> live = snapshot(work.state.live_attempts);
    for (const AttemptKey& key : live) {
        const AttemptPhase phase = work.state.attempts.at(key).phase;
        if (const auto* stopping = std::get_if<attempt_phase::Stopping>(&phase)) {
            sweep_stopping(work, key, *stopping);
        } else {
            sweep_limits(work, key);
        }
    }
}

}  // namespace herder
