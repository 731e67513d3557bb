// What users ask for of machines: the end of one, one that is to be kept, the end of all.
#include <algorithm>

#include "core/step/steps.h"

namespace herder {

namespace {

std::string name_of(ContractId contract) {
    return "machine " + std::to_string(contract.value);
}

Error unknown_machine(ContractId contract) {
    return not_found("no machine with contract " + std::to_string(contract.value) +
                     " costs money now, as far as the last listing says");
}

Error foreign_machine(const ListedMachine& machine, const std::string& verb) {
    const std::string label = machine.label.empty()
                                  ? "has no label"
                                  : "has the label '" + machine.label + "', which is not ours";
    return {ErrorCode::kForbidden, name_of(machine.contract) + " " + label +
                                       ": it may be another context's or somebody else's, and is "
                                       "not " +
                                       verb + " from here"};
}

Intent* open_intent_of(Work& work, ContractId contract) {
    const auto known = work.state.by_contract.find(contract);
    if (known == work.state.by_contract.end()) return nullptr;
    Intent& intent = work.state.intents.at(known->second);
    return is_over(intent.phase) || std::holds_alternative<rent::Closed>(intent.phase) ? nullptr
                                                                                       : &intent;
}

// The machine goes now. What its job left in the artifact store is still looked for.
void end_now(Work& work, IntentId id, const std::string& why) {
    const AttemptKey key = work.state.intents.at(id).attempt;
    const auto attempt = work.state.attempts.find(key);
    if (attempt != work.state.attempts.end() && !is_looking_for_outcome(attempt->second))
        lose_attempt(work, key, EndReason::kDestroyed, why);
    Intent& intent = work.edit_intent(id);
    if (std::holds_alternative<rent::Bound>(intent.phase) ||
        std::holds_alternative<rent::Live>(intent.phase)) {
        close_intent(work, intent, why);
    }
}

// Asked once more at once, although a call may be under way.
void hurry_closing(Work& work, IntentId id) {
    Intent& intent = work.edit_intent(id);
    rent::Closing next = std::get<rent::Closing>(intent.phase);
    next.next_destroy = work.now;
    work.set_phase(intent, next);
}

reply::MachineEnded end_rented(Work& work, Intent& intent, const input::EndMachine& in) {
    reply::MachineEnded answer{.job = intent.attempt.job, .saves = false, .patience = {}};
    if (std::holds_alternative<rent::Closing>(intent.phase)) {
        hurry_closing(work, intent.id);
        return answer;
    }
    work.note("machine.destroy_asked", intent.attempt.job, std::to_string(in.contract.value),
              {{"actor", in.actor}});
    // Whoever destroys a machine does not want it back for the same job a minute later.
    work.edit_meta().avoided_machines[intent.offer.machine] =
        work.now + work.settings.avoid_machine;
    Attempt& attempt = work.state.attempts.at(intent.attempt);
    const bool has_agent = std::holds_alternative<rent::Live>(intent.phase);
    if (!in.now && has_agent && std::holds_alternative<attempt_phase::Running>(attempt.phase)) {
        answer.saves = true;
        answer.patience =
            move_attempt(work, work.edit_attempt(attempt.key()), EndReason::kDestroyed, Duration{});
        return answer;
    }
    const auto* stopping = std::get_if<attempt_phase::Stopping>(&attempt.phase);
    if (!in.now && has_agent && stopping != nullptr && !is_looking_for_outcome(attempt)) {
        answer.saves = true;
        answer.patience = std::max(stopping->deadline - work.now, Duration{});
        return answer;
    }
    end_now(work, intent.id, "destroyed by " + in.actor);
    return answer;
}

// One of ours that no rental is bound to. Its destroy is repeated with every listing.
void end_unowned(Work& work, const ListedMachine& machine) {
    if (work.state.meta.adopted.contains(machine.contract))
        work.edit_meta().adopted.erase(machine.contract);
    work.state.strays[machine.contract] = work.now - work.settings.orphan_grace;
    const IntentId intent = parse_label(work.cluster, machine.label).value_or(IntentId{});
    work.release(
        effect::DestroyMachine{intent, machine.contract, machine.gpu_price + machine.disk_price});
}

// An adopted machine that no listing has shown since the start costs money as well.
void end_adopted(Work& work, ContractId contract) {
    const AdoptedMachine adopted = work.state.meta.adopted.at(contract);
    ListedMachine machine;
    machine.contract = contract;
    machine.label = adopted.label;
    machine.gpu_price = adopted.rate;
    end_unowned(work, machine);
}

}  // namespace

void on_end_machine(Work& work, const input::EndMachine& in) {
    work.dirty = true;
    if (Intent* intent = open_intent_of(work, in.contract))
        return work.answer(in.reply_to, ReplyBody(end_rented(work, *intent, in)));
    const ProviderView& provider = work.state.provider;
    if (const auto found = provider.unowned.find(in.contract); found != provider.unowned.end()) {
        work.note("machine.destroy_asked", JobId{}, std::to_string(in.contract.value),
                  {{"actor", in.actor}});
        end_unowned(work, found->second);
        return work.answer(in.reply_to, ReplyBody(reply::MachineEnded{}));
    }
    if (work.state.meta.adopted.contains(in.contract)) {
        work.note("machine.destroy_asked", JobId{}, std::to_string(in.contract.value),
                  {{"actor", in.actor}});
        end_adopted(work, in.contract);
        return work.answer(in.reply_to, ReplyBody(reply::MachineEnded{}));
    }
    const auto foreign = provider.foreign.find(in.contract);
    work.answer(in.reply_to, foreign == provider.foreign.end()
                                 ? unknown_machine(in.contract)
                                 : foreign_machine(foreign->second, "destroyed"));
}

namespace {

Status check_adoptable(Work& work, ContractId contract) {
    if (const Intent* intent = open_intent_of(work, contract)) {
        const bool closes = std::holds_alternative<rent::Closing>(intent->phase);
        return Error{ErrorCode::kConflict,
                     name_of(contract) +
                         (closes ? " is being destroyed already, by the rental of "
                                 : " needs no other owner: it works for ") +
                         to_text(intent->attempt.job)};
    }
    const ProviderView& provider = work.state.provider;
    const auto unowned = provider.unowned.find(contract);
    if (unowned == provider.unowned.end()) {
        const auto foreign = provider.foreign.find(contract);
        if (foreign == provider.foreign.end()) return unknown_machine(contract);
        return foreign_machine(foreign->second, "adopted");
    }
    const auto intent = parse_label(work.cluster, unowned->second.label);
    if (intent && work.state.intents.contains(*intent)) {
        return Error{ErrorCode::kConflict,
                     name_of(contract) + " carries the label of the rental " + to_text(*intent) +
                         ", which has a machine of its own or is over: two machines under one "
                         "label cannot be told apart, so this one is destroyed"};
    }
    const auto stray = work.state.strays.find(contract);
    const bool is_leaving = !work.state.meta.adopted.contains(contract) &&
                            stray != work.state.strays.end() &&
                            work.now - stray->second >= work.settings.orphan_grace;
    if (!is_leaving) return ok();
    // The call may be on its way: a promise to keep the machine would be an empty one.
    return Error{ErrorCode::kConflict,
                 name_of(contract) + " is being destroyed already: nobody adopted it within " +
                     to_text(work.settings.orphan_grace) + ", or somebody asked for its end"};
}

}  // namespace

void on_adopt_machine(Work& work, const input::AdoptMachine& in) {
    const Status allowed = check_adoptable(work, in.contract);
    if (!allowed) return work.answer(in.reply_to, allowed.error());
    work.dirty = true;
    if (!work.state.meta.adopted.contains(in.contract)) {
        const ListedMachine& machine = work.state.provider.unowned.at(in.contract);
        work.edit_meta().adopted[in.contract] =
            AdoptedMachine{.label = machine.label,
                           .actor = in.actor,
                           .since = work.wall,
                           .since_logical = work.now,
                           .rate = machine.gpu_price + machine.disk_price};
        work.state.strays.erase(in.contract);
        work.note("machine.adopted", JobId{}, std::to_string(in.contract.value),
                  {{"actor", in.actor}, {"label", machine.label}});
    }
    work.answer(in.reply_to, ReplyBody(reply::Changed{}));
}

namespace {

// True if it was not paused before. Nothing of it costs money from here on.
bool pause_now(Work& work, JobId id, const std::string& actor) {
    Job& job = work.edit_job(id);
    if (is_terminal(job.phase) || std::holds_alternative<phase::Paused>(job.phase)) return false;
    if (is_waiting(job.phase)) {
        work.set_phase(job, phase::Paused{work.now});
        work.note("job.paused", id, to_text(id), {{"actor", actor}});
        return true;
    }
    const bool was_stopping = job.stop.has_value();
    if (!was_stopping)
        job.stop = StopRequest{.reason = EndReason::kPaused, .since = work.now, .actor = actor};
    const AttemptKey key{id, job.fence};
    const std::vector<AttemptMember> members = work.state.attempts.at(key).members;
    for (const AttemptMember& member : members)
        end_now(work, member.intent, actor + " ended all machines");
    return !was_stopping;
}

// Whatever has our label: rented, closing already, or nobody's.
int end_everything(Work& work, const std::string& actor) {
    int machines = 0;
    const std::vector<IntentId> open = snapshot(work.state.open_intents);
    for (const IntentId id : open) {
        if (std::holds_alternative<rent::Closing>(work.state.intents.at(id).phase))
            hurry_closing(work, id);
        else
            end_now(work, id, actor + " ended all machines");
        machines += work.state.intents.at(id).contract ? 1 : 0;
    }
    for (const auto& [contract, machine] : work.state.provider.unowned) {
        end_unowned(work, machine);
        ++machines;
    }
    while (!work.state.meta.adopted.empty()) {
        const ContractId contract = work.state.meta.adopted.begin()->first;
        end_adopted(work, contract);
        ++machines;
    }
    return machines;
}

void lift_hold(Work& work, const input::HoldRenting& in) {
    if (!work.state.meta.hold.actor.empty()) {
        work.edit_meta().hold = {};
        work.note("renting.allowed", JobId{}, "provider", {{"actor", in.actor}});
    }
    work.answer(in.reply_to, ReplyBody(reply::RentingHeld{}));
}

}  // namespace

void on_hold_renting(Work& work, const input::HoldRenting& in) {
    work.dirty = true;
    if (in.lift) return lift_hold(work, in);
    const std::string actor = in.actor.empty() ? "somebody" : in.actor;
    work.edit_meta().hold = RentingHold{.actor = actor, .since = work.wall};
    reply::RentingHeld answer;
    const std::vector<JobId> jobs = snapshot(work.state.active_jobs);
    for (const JobId job : jobs) {
        if (pause_now(work, job, actor)) answer.paused.push_back(job);
    }
    answer.machines = end_everything(work, actor);
    work.note("renting.held", JobId{}, "provider",
              {{"actor", actor},
               {"machines", std::to_string(answer.machines)},
               {"jobs", std::to_string(answer.paused.size())}});
    work.answer(in.reply_to, ReplyBody(answer));
}

}  // namespace herder
