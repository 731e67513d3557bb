// A process begins to lead: what was on the wire is unknown, machines get the benefit of the doubt,
// and effects that a crash may have swallowed are asked for again where that is harmless.
#include <algorithm>

#include "core/step/steps.h"

namespace herder {

namespace {

void restart_intent(Work& work, Intent& intent) {
    if (std::holds_alternative<rent::Planned>(intent.phase)) {
        return drop_plan(work, intent, "planned before a restart");
    }
    if (std::holds_alternative<rent::Armed>(intent.phase) ||
        std::holds_alternative<rent::Sent>(intent.phase)) {
        // Never sent again: whether the call went out is what nobody knows.
        work.set_phase(intent, rent::Unknown{work.now, 0, "the orchestrator restarted"});
        work.note("rent.unknown", intent.attempt.job, to_text(intent.id), {{"why", "restart"}});
    } else if (auto* bound = std::get_if<rent::Bound>(&intent.phase)) {
        // Its agent found nobody to join.
        bound->join_deadline =
            std::max(bound->join_deadline, work.now + work.settings.failover_grace);
    } else if (auto* closing = std::get_if<rent::Closing>(&intent.phase)) {
        closing->next_destroy = work.now;
    } else if (std::holds_alternative<rent::Live>(intent.phase)) {
        Lease lease;
        lease.heard = work.now;
        lease.until = work.now + work.settings.failover_grace;
        work.state.leases[intent.id] = lease;
    }
}

// Whoever saves its last checkpoint could not hand it in while nobody led.
void restart_stopping(Work& work, AttemptKey key) {
    const auto* stopping = std::get_if<attempt_phase::Stopping>(&work.state.attempts.at(key).phase);
    if (stopping == nullptr) return;
    if (!stopping->moves && kind_of(stopping->reason) == ReasonKind::kInfrastructure) {
        return work.release(effect::FindOutcome{key, work.state.jobs.at(key.job).spec.team});
    }
    const Instant grace = work.now + work.settings.failover_grace;
    if (stopping->deadline >= grace) return;
    attempt_phase::Stopping longer = *stopping;
    longer.deadline = grace;
    work.set_phase(work.edit_attempt(key), longer);
}

}  // namespace

void on_leadership(Work& work, const input::LeadershipGained& in) {
    work.state.term = in.term;
    work.state.leads_since = work.now;
    work.state.downtime_in_doubt = in.in_doubt && in.downtime > work.settings.failover_grace;
    work.state.provider = ProviderView{};
    work.state.leases.clear();
    work.state.offers.clear();
    work.state.run_looks.clear();
    work.note("server.leads", JobId{}, "server",
              {{"term", std::to_string(in.term.value)}, {"downtime", to_text(in.downtime)}});
    const std::vector<IntentId> open = snapshot(work.state.open_intents);
    for (const IntentId id : open)
        restart_intent(work, work.edit_intent(id));
    for (const AttemptKey& key : work.state.live_attempts)
        restart_stopping(work, key);
    for (const CheckpointId id : work.state.open_checkpoints) {
        const Checkpoint& checkpoint = work.state.checkpoints.at(id);
        if (checkpoint.state == CheckpointState::kCommitting) {
            work.edit_checkpoint(id).retired = work.now;
        }
    }
}

bool is_time_in_doubt(Work& work) {
    if (!work.state.downtime_in_doubt) return false;
    const Instant end = work.state.leads_since + work.settings.failover_grace;
    if (work.now >= end) return false;
    work.wake(end);
    return true;
}

void settle_doubt(Work& work, Intent& intent, Attempt& attempt, const AgentReport& report) {
    if (!is_time_in_doubt(work)) return;
    const auto is_too_early = [&](Instant begun, Duration lasted) {
        // Clocks of two machines drift apart by a percent or so.
        return work.now - begun > lasted + lasted / 50 + minutes(1);
    };
    if (attempt.started && report.ran > Duration{} && is_too_early(*attempt.started, report.ran)) {
        work.edit_attempt(attempt.key()).started = work.now - report.ran;
    }
    if (intent.live && report.uptime > Duration{} && is_too_early(*intent.live, report.uptime)) {
        Intent& edited = work.edit_intent(intent.id);
        const Duration shift = work.now - report.uptime - *edited.live;
        edited.live = *edited.live + shift;
        if (edited.bound) edited.bound = *edited.bound + shift;
    }
}

}  // namespace herder
