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

// A contract whose host wants more shows so days before its end: no need to look often.
void ask_for_increases(Work& work) {
    State& state = work.state;
    const bool any_live =
        std::any_of(state.open_intents.begin(), state.open_intents.end(), [&](IntentId id) {
            return std::holds_alternative<rent::Live>(state.intents.at(id).phase);
        });
    if (!any_live) return;
    if (state.increases_asked == Instant{}) state.increases_asked = work.now;
    const Instant due = state.increases_asked + work.settings.increases_every;
    if (work.now < due) return work.wake(due);
    state.increases_asked = work.now;
    work.release(effect::ReadIncreases{});
    work.wake(work.now + work.settings.increases_every);
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

void sweep_moves(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    ask_for_increases(work);
    const std::set<AttemptKey> live = work.state.live_attempts;
    for (const AttemptKey& key : live) {
        Attempt& attempt = work.state.attempts.at(key);
        if (!std::holds_alternative<attempt_phase::Running>(attempt.phase)) continue;
        const Job& job = work.state.jobs.at(key.job);
        const Duration needed =
            job.spec.checkpoint.stop_grace + work.settings.stop_upload + work.settings.move_slack;
        for (const AttemptMember& member : std::vector<AttemptMember>(attempt.members)) {
            const Intent& intent = work.state.intents.at(member.intent);
            const auto listed = work.state.provider.machines.find(intent.contract);
            const bool is_listed = listed != work.state.provider.machines.end();
            const auto end = end_of_contract(intent, is_listed ? &listed->second : nullptr);
            if (!end) continue;
            if (work.now < *end - needed) {
                work.wake(*end - needed);
                continue;
            }
            move_attempt(work, work.edit_attempt(key), EndReason::kContractEnd, *end - work.now);
            break;
        }
    }
}

}  // namespace herder
