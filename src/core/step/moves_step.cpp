// Leaving a machine before it leaves us: the end of its contract, or an announced maintenance, is
// known beforehand, so the job saves and moves while there is time.
#include <algorithm>

#include "core/monitor/witness.h"
#include "core/provisioner/price_increase.h"
#include "core/step/steps.h"

namespace herder {

namespace {

// When the contract ends: as a listing says, else as the offer said.
std::optional<Instant> end_of_contract(const Intent& intent, const ListedMachine* listed) {
    if (listed != nullptr && listed->lasts < kForever && intent.bound)
        return *intent.bound + listed->lasts;
    if (intent.offer.remaining < kForever) return intent.planned + intent.offer.remaining;
    return std::nullopt;
}

// Why and when a job has to be gone from a machine.
struct Departure {
    Instant at;
    EndReason reason = EndReason::kContractEnd;
    Instant avoid_until;
};

std::optional<Departure> find_departure(const Work& work, const Intent& intent) {
    const ProviderView& provider = work.state.provider;
    const auto listed = provider.machines.find(intent.contract);
    std::optional<Departure> first;
    if (const auto end = end_of_contract(
            intent, listed == provider.machines.end() ? nullptr : &listed->second)) {
        first = Departure{*end, EndReason::kContractEnd, {}};
    }
    const auto announced = provider.maintenances.find(intent.offer.machine);
    if (announced == provider.maintenances.end()) return first;
    for (const MaintenanceWindow& window : announced->second) {
        if (window.ends <= work.now || (first && first->at <= window.begins)) continue;
        first = Departure{window.begins, EndReason::kMaintenance, window.ends};
    }
    return first;
}

}  // namespace

Duration move_attempt(Work& work, Attempt& attempt, EndReason reason, Duration left) {
    const Job& job = work.state.jobs.at(attempt.job);
    const Duration patience = job.spec.checkpoint.stop_grace + work.settings.stop_upload;
    work.set_phase(
        attempt,
        attempt_phase::Stopping{
            .since = work.now, .deadline = work.now + patience, .reason = reason, .moves = true});
    work.note("attempt.moving", attempt.job, row_key(attempt.key()),
              {{"reason", to_string(reason)}, {"left", to_text(std::max(left, Duration{}))}});
    return patience;
}

ProviderWord word_for(const Work& work, const Intent& intent, const ListedMachine& machine) {
    switch (machine.state) {
        case MachineState::kStarting:
            return ProviderWord::kStarting;
        case MachineState::kRunning:
        case MachineState::kUnknown:
            return ProviderWord::kRunning;
        case MachineState::kQueued:
            return ProviderWord::kQueued;
        case MachineState::kStopped: {
            const auto end = end_of_contract(intent, &machine);
            return end && work.now >= *end ? ProviderWord::kEnded : ProviderWord::kStopped;
        }
        case MachineState::kOffline:
            return ProviderWord::kOffline;
        case MachineState::kFailed:
            return ProviderWord::kFailed;
    }
    return ProviderWord::kNothing;
}

namespace {

bool is_live(const State& state, IntentId id) {
    return std::holds_alternative<rent::Live>(state.intents.at(id).phase);
}

// What hosts announce shows hours and days before: no need to look often.
void ask_for_notices(Work& work) {
    State& state = work.state;
    const auto is_rented = [&state](IntentId id) { return is_live(state, id); };
    if (std::none_of(state.open_intents.begin(), state.open_intents.end(), is_rented)) return;
    if (state.notices_due == Instant{}) state.notices_due = work.now + work.settings.notices_soon;
    if (work.now < state.notices_due) return work.wake(state.notices_due);
    std::set<std::int64_t> machines;
    for (const IntentId id : state.open_intents) {
        if (is_rented(id)) machines.insert(state.intents.at(id).offer.machine);
    }
    state.notices_asked = work.now;
    state.notices_due = work.now + work.settings.notices_every;
    work.release(effect::ReadIncreases{});
    work.release(effect::ReadMaintenances{{machines.begin(), machines.end()}});
    work.wake(state.notices_due);
}

// An announcement that is read again; both times are as exact as the way of the answer was long.
bool was_known(const ProviderView& provider, std::int64_t machine,
               const MaintenanceWindow& window) {
    constexpr Duration kApart = minutes(2);
    const auto known = provider.maintenances.find(machine);
    if (known == provider.maintenances.end()) return false;
    return std::any_of(
        known->second.begin(), known->second.end(), [&](const MaintenanceWindow& other) {
            return other.begins - window.begins < kApart && window.begins - other.begins < kApart;
        });
}

void tell_maintenance(Work& work, std::int64_t machine, const MaintenanceWindow& window) {
    for (const IntentId id : work.state.open_intents) {
        const Intent& intent = work.state.intents.at(id);
        if (intent.offer.machine != machine || !is_live(work.state, id)) continue;
        work.note("maintenance.announced", intent.attempt.job, to_text(intent.id),
                  {{"begins_in", to_text(std::max(window.begins - work.now, Duration{}))},
                   {"lasts", to_text(window.ends - window.begins)}});
    }
}

}  // namespace

void on_increases(Work& work, const input::IncreasesRead& in) {
    for (const PriceIncrease& increase : in.increases) {
        const auto owner = work.state.by_contract.find(increase.contract);
        if (owner == work.state.by_contract.end()) continue;
        const Intent& intent = work.state.intents.at(owner->second);
        if (!std::holds_alternative<rent::Live>(intent.phase)) continue;
        const IncreaseAnswer answer = answer_increase(intent, increase);
        work.release(effect::AnswerIncrease{increase.id, answer.accept});
        if (!work.state.increases_told.insert(increase.id).second) continue;
        work.note("contract.dearer", intent.attempt.job, to_text(intent.id),
                  {{"answer", answer.accept ? "accepted" : "rejected"}, {"why", answer.why}});
    }
}

void hint_notices(Work& work) {
    Instant& due = work.state.notices_due;
    if (due == Instant{}) return;
    const Instant soon = work.state.notices_asked + work.settings.notices_soon;
    due = std::min(due, std::max(work.now, soon));
}

void on_maintenances(Work& work, const input::MaintenancesRead& in) {
    std::map<std::int64_t, std::vector<MaintenanceWindow>> announced;
    for (const Maintenance& told : in.windows) {
        const Instant begins = work.now + told.begins_in;
        const MaintenanceWindow window{begins, begins + std::max(told.lasts, Duration{})};
        if (window.ends <= work.now) continue;
        announced[told.machine].push_back(window);
        if (!was_known(work.state.provider, told.machine, window))
            tell_maintenance(work, told.machine, window);
    }
    work.state.provider.maintenances = std::move(announced);
    work.dirty = true;
}

void sweep_moves(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    ask_for_notices(work);
    const std::set<AttemptKey> live = work.state.live_attempts;
    for (const AttemptKey& key : live) {
        Attempt& attempt = work.state.attempts.at(key);
        if (!std::holds_alternative<attempt_phase::Running>(attempt.phase)) continue;
        const Job& job = work.state.jobs.at(key.job);
        const Duration needed =
            job.spec.checkpoint.stop_grace + work.settings.stop_upload + work.settings.move_slack;
        for (const AttemptMember& member : std::vector<AttemptMember>(attempt.members)) {
            const Intent& intent = work.state.intents.at(member.intent);
            const auto departure = find_departure(work, intent);
            if (!departure) continue;
            if (work.now < departure->at - needed) {
                work.wake(departure->at - needed);
                continue;
            }
            if (departure->reason == EndReason::kMaintenance) {
                Instant& until = work.edit_meta().avoided_machines[intent.offer.machine];
                until = std::max(until, departure->avoid_until);
            }
            move_attempt(work, work.edit_attempt(key), departure->reason, departure->at - work.now);
            break;
        }
    }
}

}  // namespace herder
