// A rental from its one create call to its end.
#include <algorithm>

#include "base/assert.h"
#include "core/step/steps.h"

namespace herder {

namespace {

// An answer may still change the intent: armed, sent, unknown, or given up on.
bool awaits_machine(const IntentPhase& phase) {
    return std::holds_alternative<rent::Armed>(phase) ||
           std::holds_alternative<rent::Sent>(phase) ||
           std::holds_alternative<rent::Unknown>(phase);
}

bool is_wanted(const State& state, const Intent& intent) {
    const auto attempt = state.attempts.find(intent.attempt);
    return attempt != state.attempts.end() &&
           std::holds_alternative<attempt_phase::Placing>(attempt->second.phase) &&
           attempt->second.members.at(0).intent == intent.id;
}

// It was thought refused, so that its reservation was released; now it runs after all.
void reserve_again(const Work& work, Intent& intent) {
    const Job& job = work.state.jobs.at(intent.attempt.job);
    const Usd spent = cost_of_job(work.state, job.id, work.now);
    intent.reserved = worst_case(intent.gpu_rate + intent.disk_rate, job.spec,
                                 ran_so_far(work.state, job, work.now), spent);
}

void become_unknown(Work& work, Intent& intent, const std::string& why) {
    work.set_phase(intent, rent::Unknown{work.now, 0, why});
    work.note("rent.unknown", intent.attempt.job, to_text(intent.id), {{"why", why}});
}

}  // namespace

void on_create_started(Work& work, const input::CreateStarted& in) {
    const auto found = work.state.intents.find(in.intent);
    if (found == work.state.intents.end() ||
        !std::holds_alternative<rent::Armed>(found->second.phase)) {
        return;
    }
    work.set_phase(work.edit_intent(in.intent), rent::Sent{work.now});
}

void bind_machine(Work& work, Intent& intent, ContractId contract) {
    HERDER_ASSERT(contract.value != 0);
    const auto owner = work.state.by_contract.find(contract);
    if (owner != work.state.by_contract.end() && owner->second != intent.id) return;
    intent.contract = contract;
    intent.bound = work.now;
    const bool wanted = is_wanted(work.state, intent);
    work.set_phase(intent, rent::Bound{work.now, work.now + join_deadline_of(work, intent)});
    work.note("rent.bound", intent.attempt.job, to_text(intent.id),
              {{"contract", std::to_string(contract.value)}});
    if (!wanted) return close_intent(work, intent, "no longer wanted");
    if (intent.reserved == Usd{}) reserve_again(work, intent);
    work.set_phase(work.edit_attempt(intent.attempt), attempt_phase::Booting{work.now});
}

void close_intent(Work& work, Intent& intent, const std::string& why) {
    if (std::holds_alternative<rent::Closing>(intent.phase)) return;
    work.state.leases.erase(intent.id);
    work.state.boot_logs.erase(intent.id);
    // What is still to come is only the time that it takes to get rid of it; the rest of the
    // reservation is free for the job's next machine.
    const Usd to_kill = (intent.gpu_rate + intent.disk_rate) * kWorstTimeToKill;
    intent.reserved = std::min(intent.reserved, cost_of(work.state, intent, work.now) + to_kill);
    work.set_phase(intent, rent::Closing{.since = work.now,
                                         .next_destroy = work.now,
                                         .destroys_sent = 0,
                                         .absent_lists = 0,
                                         .why = why});
    work.note("rent.closing", intent.attempt.job, to_text(intent.id), {{"why", why}});
}

void drop_plan(Work& work, Intent& intent, const std::string& why) {
    work.set_phase(intent, rent::Refused{work.now, why});
    work.note("rent.refused", intent.attempt.job, to_text(intent.id), {{"why", why}});
}

void refuse_intent(Work& work, Intent& intent, const std::string& why) {
    drop_plan(work, intent, why);
    const auto attempt = work.state.attempts.find(intent.attempt);
    if (attempt == work.state.attempts.end()) return;
    if (auto* placing = std::get_if<attempt_phase::Placing>(&attempt->second.phase)) {
        ++placing->refusals;
        work.edit_attempt(intent.attempt);
    }
}

namespace {

void on_contract(Work& work, Intent& intent, const input::CreateEnded& in) {
    if (awaits_machine(intent.phase)) {
        bind_machine(work, intent, in.contract);
        // An error that carries a contract is a machine, but not one that will run the job.
        if (in.outcome == input::CallOutcome::kRefused &&
            std::holds_alternative<rent::Bound>(intent.phase)) {
            lose_attempt(work, intent.attempt, EndReason::kProviderError, in.detail);
        }
    } else if (std::holds_alternative<rent::Abandoned>(intent.phase) ||
               std::holds_alternative<rent::Refused>(intent.phase)) {
        bind_machine(work, intent, in.contract);
    }
}

void on_refusal(Work& work, Intent& intent, const input::CreateEnded& in) {
    if (!awaits_machine(intent.phase)) return;
    if (in.stop_all) {
        work.state.provider.blocked_until = work.now + work.settings.blocked_for;
        work.state.provider.blocked_why = in.detail;
        work.note("provider.blocked", intent.attempt.job, "provider", {{"why", in.detail}});
    } else if (!in.not_sent) {
        work.state.avoided_asks[intent.offer.ask] = work.now + work.settings.avoid_ask;
    }
    if (in.not_sent) {
        work.state.next_create = std::max(work.state.next_create, work.now + in.retry_in);
    }
    // Whoever was not asked, or refuses us altogether, says nothing about the offers of this kind.
    if (in.not_sent || in.stop_all) return drop_plan(work, intent, in.detail);
    refuse_intent(work, intent, in.detail);
}

}  // namespace

void on_create_ended(Work& work, const input::CreateEnded& in) {
    const auto found = work.state.intents.find(in.intent);
    if (found == work.state.intents.end()) return;
    Intent& intent = found->second;  // a late answer for a rental that is over changes no row
    if (in.contract) return on_contract(work, intent, in);
    if (in.outcome == input::CallOutcome::kRefused) return on_refusal(work, intent, in);
    if (std::holds_alternative<rent::Armed>(intent.phase) ||
        std::holds_alternative<rent::Sent>(intent.phase)) {
        become_unknown(work, intent, in.detail);
    }
}

void on_destroy_ended(Work& work, const input::DestroyEnded& in) {
    const auto found = work.state.intents.find(in.intent);
    if (found == work.state.intents.end()) return;
    // The call may have been for a second machine under the label of a rental that goes on.
    if (!std::holds_alternative<rent::Closing>(found->second.phase)) return;
    if (in.outcome != input::CallOutcome::kDone) return;
    // Only the bill's end by our own clock; the intent stays closing until listings agree. Until
    // one shows the machine again, repeating the call would only take the turn of others.
    Intent& intent = work.edit_intent(in.intent);
    if (!intent.disk_end) intent.disk_end = work.now;
    if (!intent.gpu_end) intent.gpu_end = work.now;
    rent::Closing next = std::get<rent::Closing>(intent.phase);
    next.next_destroy = work.now + work.settings.destroy_doubt;
    work.set_phase(intent, next);
}

namespace {

void sweep_waiting_call(Work& work, Intent& intent, Instant since) {
    const Instant due = since + work.settings.unknown_after;
    if (work.now < due) return work.wake(due);
    become_unknown(work, work.edit_intent(intent.id), "no answer came");
}

void sweep_bound(Work& work, Intent& intent, const rent::Bound& bound) {
    if (work.now < bound.join_deadline) {
        sweep_boot_log(work, intent, bound);
        return work.wake(bound.join_deadline);
    }
    lose_attempt(work, intent.attempt, EndReason::kBootTimeout,
                 "no agent joined within " + to_text(work.now - bound.since));
    // The attempt may be over already; the machine must go in any case.
    close_intent(work, work.edit_intent(intent.id), "boot_timeout");
}

void sweep_closing(Work& work, Intent& intent, const rent::Closing& closing) {
    if (work.now < closing.next_destroy) return work.wake(closing.next_destroy);
    rent::Closing next = closing;
    ++next.destroys_sent;
    next.next_destroy = work.now + work.settings.destroy_retry;
    work.set_phase(work.edit_intent(intent.id), next);
    work.release(
        effect::DestroyMachine{intent.id, intent.contract, intent.gpu_rate + intent.disk_rate});
    work.wake(next.next_destroy);
}

}  // namespace

void sweep_intents(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    const std::vector<IntentId> open = snapshot(work.state.open_intents);
    for (const IntentId id : open) {
        Intent& intent = work.state.intents.at(id);
        const IntentPhase phase = intent.phase;
        if (const auto* armed = std::get_if<rent::Armed>(&phase)) {
            sweep_waiting_call(work, intent, armed->since + work.settings.create_send_window);
        } else if (const auto* sent = std::get_if<rent::Sent>(&phase)) {
            sweep_waiting_call(work, intent, sent->at);
        } else if (const auto* bound = std::get_if<rent::Bound>(&phase)) {
            sweep_bound(work, intent, *bound);
        }
    }
    // Last, so that what was closed a moment ago is destroyed at once.
    for (const IntentId id : open) {
        Intent& intent = work.state.intents.at(id);
        const IntentPhase phase = intent.phase;
        if (const auto* closing = std::get_if<rent::Closing>(&phase)) {
            sweep_closing(work, intent, *closing);
        }
    }
}

}  // namespace herder
