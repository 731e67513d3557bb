// What agents say: join, report, and their silence.
#include <algorithm>

#include "base/digest.h"
#include "core/monitor/witness.h"
#include "core/step/steps.h"

namespace herder {

bool is_looking_for_outcome(const Attempt& attempt) {
    const auto* stopping = std::get_if<attempt_phase::Stopping>(&attempt.phase);
    return stopping != nullptr && !stopping->moves &&
           kind_of(stopping->reason) == ReasonKind::kInfrastructure;
}

namespace {

Error refused(const char* why) {
    return {ErrorCode::kForbidden, std::string("join refused: ") + why};
}

// A machine whose create call was never answered proves by joining that it exists.
bool can_join(const IntentPhase& phase) {
    return std::holds_alternative<rent::Sent>(phase) ||
           std::holds_alternative<rent::Armed>(phase) ||
           std::holds_alternative<rent::Unknown>(phase) ||
           std::holds_alternative<rent::Bound>(phase);
}

bool is_attempt_live(const State& state, AttemptKey key) {
    const auto attempt = state.attempts.find(key);
    return attempt != state.attempts.end() && attempt->second.is_live();
}

void start_lease(Work& work, IntentId id) {
    Lease& lease = work.state.leases[id];
    lease.heard = work.now;
    lease.gone = Instant{};
    lease.until = work.now + work.settings.lease;
}

void go_live(Work& work, Intent& intent, const input::AgentJoined& in) {
    learn_from_boot(work, intent);
    if (!intent.live) intent.live = work.now;
    intent.session_hash = in.session_hash;
    work.set_phase(intent, rent::Live{work.now});
    hint_notices(work);
    advance_boot(work, intent, BootStage::kJoined);
    work.state.boot_logs.erase(intent.id);
    work.note("agent.joined", intent.attempt.job, to_text(intent.id),
              {{"contract", std::to_string(intent.contract.value)}});
    work.set_phase(work.edit_attempt(intent.attempt), attempt_phase::Running{work.now});
    work.set_phase(work.edit_job(intent.attempt.job), phase::Running{intent.attempt.fence});
    start_lease(work, intent.id);
}

Status check_join(const Work& work, const Intent& intent, const input::AgentJoined& in) {
    if (intent.token_hash.empty() || !equal_secret(intent.token_hash, in.token_hash)) {
        return refused("the token is not the one that this rental was given");
    }
    if (!intent.session_hash.empty()) {
        // An agent may repeat a join whose answer was lost, as long as no session has spoken;
        // afterwards a join is a copy of the container at work.
        const auto lease = work.state.leases.find(intent.id);
        const bool silent = lease != work.state.leases.end() && lease->second.sequence == 0;
        if (silent && equal_secret(intent.session_hash, in.session_hash)) return ok();
        return refused("the token was used before");
    }
    if (!can_join(intent.phase)) return refused("the rental is over");
    if (intent.contract && in.contract && intent.contract != in.contract) {
        return refused("the machine is not the one that was rented");
    }
    if (!intent.contract && !in.contract) return refused("the machine does not know its contract");
    if (!is_attempt_live(work.state, intent.attempt)) return refused("the attempt is over");
    return ok();
}

}  // namespace

void on_joined(Work& work, const input::AgentJoined& in) {
    const auto found = work.state.intents.find(in.intent);
    if (found == work.state.intents.end())
        return work.answer(in.reply_to, refused("no such rental"));
    const Status allowed = check_join(work, found->second, in);
    if (!allowed && may_exist(found->second.phase)) {
        work.note("agent.join_refused", found->second.attempt.job, to_text(in.intent),
                  {{"why", allowed.error().message}});
    }
    if (!allowed) return work.answer(in.reply_to, allowed.error());
    Intent& intent = work.edit_intent(in.intent);
    if (intent.session_hash.empty()) {
        if (!intent.contract) bind_machine(work, intent, in.contract);
        if (!std::holds_alternative<rent::Bound>(intent.phase)) {
            return work.answer(in.reply_to, refused("the rental is over"));
        }
        go_live(work, intent, in);
    }
    work.answer(in.reply_to, ReplyBody(reply::Joined{intent.attempt}));
}

namespace {

AgentOrders basic_orders(const Work& work, const JobSpec& spec) {
    AgentOrders orders;
    orders.lease = work.settings.lease;
    orders.report_every = work.settings.report_every;
    orders.detached_for = spec.detached_for;
    orders.dead_man_after = spec.dead_man_after;
    orders.stop_grace = spec.checkpoint.stop_grace;
    return orders;
}

Assignment make_assignment(const Work& work, const Attempt& attempt, const Job& job) {
    Assignment assignment;
    assignment.job = job.id;
    assignment.attempt = attempt.number;
    assignment.spec = job.spec;
    if (attempt.resumed_from) {
        const Checkpoint& checkpoint = work.state.checkpoints.at(*attempt.resumed_from);
        assignment.resume_from = checkpoint.id;
        assignment.resume_name = checkpoint.name;
        assignment.resume_step = checkpoint.step;
    }
    if (job.spec.limits.max_duration > Duration{}) {
        assignment.time_left = job.spec.limits.max_duration - ran_so_far(work.state, job, work.now);
    }
    return assignment;
}

void set_resume_point(Work& work, Attempt& attempt, const Checkpoint* checkpoint) {
    attempt.resumed_from.reset();
    attempt.resumed_step = 0;
    if (checkpoint != nullptr) {
        attempt.resumed_from = checkpoint->id;
        attempt.resumed_step = checkpoint->step;
    }
    work.edit_attempt(attempt.key());
}

// How many of the checkpoints that the job may go on from are in doubt by this machine's word
// alone.
int count_doubted(const State& state, const Job& job, const Intent& machine) {
    int count = 0;
    const auto look_at = [&](CheckpointId id) {
        const Checkpoint& one = state.checkpoints.at(id);
        if (!one.quarantined && is_doubted_by(state, one, machine)) ++count;
    };
    const auto own = state.checkpoints_of.find(job.id);
    if (own != state.checkpoints_of.end())
        std::for_each(own->second.begin(), own->second.end(), look_at);
    if (job.spec.start_from && state.checkpoints.contains(*job.spec.start_from))
        look_at(*job.spec.start_from);
    return count;
}

// One that fails may be damaged: the one before is tried. Where another one fails, or none is left,
// the fault is rather the machine's, and the job goes on elsewhere, from the newest.
void on_restore_failed(Work& work, const Intent& intent, Attempt& attempt, CheckpointId failed) {
    if (!attempt.resumed_from || *attempt.resumed_from != failed) return;
    doubt(work, failed, intent);
    const Checkpoint* next = resume_choice(work.state, attempt.job, &intent);
    const int doubted = count_doubted(work.state, work.state.jobs.at(attempt.job), intent);
    if (doubted > 1 || (doubted == 1 && next == nullptr)) {
        return lose_attempt(work, attempt.key(), EndReason::kRestoreFailed,
                            doubted > 1 ? "two checkpoints did not verify there"
                                        : "the only checkpoint did not verify there");
    }
    set_resume_point(work, work.edit_attempt(attempt.key()), next);
}

void note_start(Work& work, Attempt& attempt, const AgentReport& report) {
    attempt.started = work.now - std::min(report.ran, work.now - attempt.created);
    // Its agent has compared all of it.
    if (attempt.resumed_from) {
        Checkpoint& restored = work.edit_checkpoint(*attempt.resumed_from);
        restored.verified = true;
        restored.doubted_by = {};
    }
    work.edit_attempt(attempt.key());
    work.note(
        "attempt.running", attempt.job, row_key(attempt.key()),
        {{"resumed_step", std::to_string(attempt.resumed_step)},
         {"resumed_from", attempt.resumed_from ? to_text(*attempt.resumed_from) : "nothing"}});
}

void apply_progress(Work& work, Intent& intent, Attempt& attempt, const AgentReport& report) {
    Lease& lease = work.state.leases[intent.id];
    lease.step = std::max(lease.step, report.step);
    lease.phase = report.phase;
    lease.health = report.health;
    const Instant began = work.now - report.uptime;
    if (intent.live && began < *intent.live && intent.bound && began >= *intent.bound) {
        work.edit_intent(intent.id).live = began;
    }
    if (!report.checkpoint_refused.empty()) tell_refusal(work, intent, report.checkpoint_refused);
    const std::int64_t step = lease.step;
    settle_doubt(work, intent, attempt, report);
    if (report.phase == AgentPhase::kRunning && !attempt.started) note_start(work, attempt, report);
    // May end the attempt, and the lease with it.
    if (report.restore_failed) on_restore_failed(work, intent, attempt, *report.restore_failed);
    // Progress is written down at most once a minute: heartbeats do not touch the database.
    if (work.now - intent.last_report < work.settings.persist_progress) return;
    work.edit_intent(intent.id).last_report = work.now;
    if (attempt.step < step) work.edit_attempt(attempt.key()).step = step;
}

// It was written off, and nothing has been rented in its place yet: the job simply goes on.
void take_back(Work& work, Intent& intent, Attempt& attempt) {
    work.note("attempt.heard_again", attempt.job, row_key(attempt.key()));
    work.edit_intent(intent.id).gpu_end.reset();
    const Job& job = work.state.jobs.at(attempt.job);
    if (!job.stop) return work.set_phase(attempt, attempt_phase::Running{work.now});
    const Duration patience = job.spec.checkpoint.stop_grace + work.settings.stop_upload;
    work.set_phase(attempt,
                   attempt_phase::Stopping{work.now, work.now + patience, job.stop->reason});
}

void fill_desired(const Work& work, const Attempt& attempt, AgentOrders& orders) {
    const auto* stopping = std::get_if<attempt_phase::Stopping>(&attempt.phase);
    // Written off: only the copy of an older report is answered here.
    if (stopping == nullptr || is_looking_for_outcome(attempt)) return;
    orders.desired = DesiredState::kStop;
    orders.stop_reason = stopping->reason;
    const Duration left = stopping->deadline - work.now - work.settings.stop_upload;
    orders.stop_grace = std::clamp(left, seconds(1), std::max(seconds(1), orders.stop_grace));
}

void on_outcome(Work& work, Attempt& attempt, const AttemptOutcome& outcome) {
    Attempt& edited = work.edit_attempt(attempt.key());
    edited.exit_code = outcome.exit_code;
    edited.step = std::max(edited.step, work.state.leases[attempt.members.at(0).intent].step);
    EndReason reason = outcome.reason;
    // A stop that was ordered is what ended it, however the process put it.
    if (const auto* stopping = std::get_if<attempt_phase::Stopping>(&attempt.phase);
        stopping != nullptr && reason != EndReason::kSucceeded &&
        kind_of(stopping->reason) == ReasonKind::kDecision) {
        reason = stopping->reason;
    }
    end_attempt(work, attempt.key(), reason, outcome.detail);
}

AgentOrders leave_orders(const Work& work, const JobSpec& spec, bool fenced) {
    AgentOrders orders = basic_orders(work, spec);
    orders.fenced = fenced;
    orders.desired = DesiredState::kLeave;
    return orders;
}

bool is_current(const State& state, const Intent& intent, const AgentReport& report) {
    return std::holds_alternative<rent::Live>(intent.phase) &&
           report.fence == intent.attempt.fence &&
           state.jobs.at(intent.attempt.job).fence == intent.attempt.fence &&
           is_attempt_live(state, intent.attempt);
}

AgentOrders answer_report(Work& work, Intent& intent, const AgentReport& report) {
    const Job& job = work.state.jobs.at(intent.attempt.job);
    if (!is_current(work.state, intent, report)) {
        // Whose outcome is already recorded is not fenced, merely done.
        const auto attempt = work.state.attempts.find(intent.attempt);
        const bool done = report.outcome && attempt != work.state.attempts.end() &&
                          !attempt->second.is_live() && attempt->second.exit_code;
        return leave_orders(work, job.spec, !done);
    }
    Lease& lease = work.state.leases[intent.id];
    if (report.sequence > lease.sequence) {
        lease.sequence = report.sequence;
        start_lease(work, intent.id);
        Attempt& heard = work.state.attempts.at(intent.attempt);
        if (is_looking_for_outcome(heard)) take_back(work, intent, heard);
        apply_progress(work, intent, heard, report);
    }
    AgentOrders orders = basic_orders(work, job.spec);
    handle_offer(work, intent, report.checkpoint, orders);
    Attempt& attempt = work.state.attempts.at(intent.attempt);
    if (report.outcome &&
        !(report.checkpoint && orders.settled_local_seq < report.checkpoint->local_seq)) {
        on_outcome(work, attempt, *report.outcome);
        AgentOrders leave = leave_orders(work, job.spec, false);
        leave.settled_local_seq = orders.settled_local_seq;
        leave.committed_local_seq = orders.committed_local_seq;
        return leave;
    }
    if (!attempt.is_live()) return leave_orders(work, job.spec, true);
    fill_desired(work, attempt, orders);
    if (report.phase == AgentPhase::kJoined || report.restore_failed) {
        if (!is_admitted(work, intent, attempt, report, orders))
            return attempt.is_live() ? orders : leave_orders(work, job.spec, true);
        if (!attempt.started && !report.restore_failed)
            set_resume_point(work, attempt, resume_choice(work.state, job.id, &intent));
        orders.assignment = make_assignment(work, attempt, job);
    }
    return orders;
}

}  // namespace

void on_gone(Work& work, const input::AgentGone& in) {
    const auto intent = work.state.intents.find(in.intent);
    const auto lease = work.state.leases.find(in.intent);
    if (intent == work.state.intents.end() || lease == work.state.leases.end()) return;
    if (!equal_secret(intent->second.session_hash, in.session_hash)) return;
    lease->second.gone = work.now;
    work.dirty = true;
}

void on_reported(Work& work, const input::AgentReported& in) {
    const auto found = work.state.intents.find(in.report.intent);
    if (found == work.state.intents.end() || found->second.session_hash.empty() ||
        !equal_secret(found->second.session_hash, in.session_hash)) {
        return work.answer(in.reply_to, Error{ErrorCode::kUnauthenticated, "unknown session"});
    }
    const AgentOrders orders = answer_report(work, found->second, in.report);
    work.answer(in.reply_to, ReplyBody(reply::Orders{orders}));
}

namespace {

ProviderWord word_of(const Work& work, const Intent& intent, Instant heard) {
    const ProviderView& provider = work.state.provider;
    if (!provider.has_complete || provider.asked <= heard) return ProviderWord::kNothing;
    const auto listed = provider.machines.find(intent.contract);
    if (listed == provider.machines.end()) return ProviderWord::kAbsent;
    return word_for(work, intent, listed->second);
}

bool are_others_heard(const Work& work, IntentId except) {
    const auto& leases = work.state.leases;
    if (leases.size() <= 1) return true;
    return std::any_of(leases.begin(), leases.end(), [&](const auto& other) {
        return other.first != except && work.now < other.second.until;
    });
}

void wake_for_silence(Work& work, Instant heard) {
    const SilenceLimits limits{work.settings.report_every * 2, work.settings.suspect_after,
                               work.settings.silence_long};
    for (const Duration after : {limits.missed_beats, limits.suspect_after, limits.silence_long}) {
        if (heard + after > work.now) return work.wake(heard + after);
    }
}

void judge_silence(Work& work, IntentId id) {
    const Intent& intent = work.state.intents.at(id);
    const Instant heard = work.state.leases[id].heard;
    Silence silence;
    silence.silent = work.now - heard;
    silence.word = word_of(work, intent, heard);
    silence.others_heard = are_others_heard(work, id);
    silence.provider_heard = work.now - work.state.provider.asked <= minutes(2);
    const SilenceLimits limits{work.settings.report_every * 2, work.settings.suspect_after,
                               work.settings.silence_long};
    const MachineVerdict verdict = judge(silence.word, contact_of(silence, limits));
    if (!verdict.lost) return wake_for_silence(work, heard);
    if (*verdict.lost != EndReason::kAgentLost && intent.live && !intent.gpu_end) {
        // The GPU stopped billing when the connection was cut; where that was not seen, on average
        // half an interval after the last report.
        const Instant gone = work.state.leases[id].gone;
        work.edit_intent(id).gpu_end = gone > heard ? gone : heard + work.settings.report_every / 2;
    }
    lose_attempt(work, intent.attempt, *verdict.lost,
                 std::string(verdict.sentence) + " (silent for " + to_text(silence.silent) + ")");
}

}  // namespace

void sweep_leases(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    const std::vector<AttemptKey> live = snapshot(work.state.live_attempts);
    for (const AttemptKey& key : live) {
        const Attempt& attempt = work.state.attempts.at(key);
        if (is_looking_for_outcome(attempt)) continue;
        // By index: the verdict on one may change the attempt.
        for (std::size_t i = 0; i < attempt.members.size(); ++i) {
            const Intent& intent = work.state.intents.at(attempt.members[i].intent);
            if (std::holds_alternative<rent::Live>(intent.phase)) judge_silence(work, intent.id);
        }
    }
}

}  // namespace herder
