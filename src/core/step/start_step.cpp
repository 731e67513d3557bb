// A process begins to lead: what was on the wire is unknown, machines get the benefit of the doubt,
// and effects that a crash may have swallowed are asked for again where that is harmless.
#include "core/step/steps.h"

namespace herder {

namespace {

void restart_intent(Work& work, Intent& intent) {
    if (std::holds_alternative<rent::Planned>(intent.phase)) {
        return refuse_intent(work, intent, "planned before a restart");
    }
    if (std::holds_alternative<rent::Armed>(intent.phase) ||
        std::holds_alternative<rent::Sent>(intent.phase)) {
        // Never sent again: whether the call went out is what nobody knows.
        work.set_phase(intent, rent::Unknown{work.now, 0, "the orchestrator restarted"});
        work.note("rent.unknown", intent.attempt.job, to_text(intent.id), {{"why", "restart"}});
    } else if (auto* closing = std::get_if<rent::Closing>(&intent.phase)) {
        closing->next_destroy = work.now;
    } else if (std::holds_alternative<rent::Live>(intent.phase)) {
        Lease lease;
        lease.heard = work.now;
        lease.until = work.now + work.settings.failover_grace;
        work.state.leases[intent.id] = lease;
    }
}

}  // namespace

void on_leadership(Work& work, const input::LeadershipGained& in) {
    work.state.term = in.term;
    work.state.leads_since = work.now;
    work.state.provider = ProviderView{};
    work.state.leases.clear();
    work.state.offers.clear();
    work.note("server.leads", JobId{}, "server",
              {{"term", std::to_string(in.term.value)}, {"downtime", to_text(in.downtime)}});
    const std::set<IntentId> open = work.state.open_intents;
    for (const IntentId id : open)
        restart_intent(work, work.edit_intent(id));
    for (const AttemptKey& key : work.state.live_attempts) {
        const auto* stopping =
            std::get_if<attempt_phase::Stopping>(&work.state.attempts.at(key).phase);
        if (stopping != nullptr && kind_of(stopping->reason) == ReasonKind::kInfrastructure) {
            work.release(effect::FindOutcome{key, work.state.jobs.at(key.job).spec.team});
        }
    }
    for (const CheckpointId id : work.state.open_checkpoints) {
        const Checkpoint& checkpoint = work.state.checkpoints.at(id);
        if (checkpoint.state == CheckpointState::kCommitting) {
            work.edit_checkpoint(id).retired = work.now;
        }
    }
}

}  // namespace herder
