// What the provider says is there: listing against ledger, in both directions. Nothing is concluded
// from an incomplete listing, and nothing from the absence of what is younger than the listing.
#include <algorithm>

#include "core/step/steps.h"

namespace herder {

namespace {

// A machine may take so long to appear in listings after its create call (vast-api 4.3: at once to
// a few seconds, up to 60 s seen); doubled.
constexpr Duration kListLag = minutes(2);

struct Listing {
    Instant asked;
    std::map<IntentId, const ListedMachine*> present;
};

// An empty list while agents speak to us is a fault of the API, not a fleet that vanished.
bool contradicts_agents(const Work& work, const Listing& listing) {
    if (!listing.present.empty()) return false;
    return std::any_of(work.state.leases.begin(), work.state.leases.end(), [&](const auto& lease) {
        return lease.second.sequence > 0 && lease.second.heard >= listing.asked;
    });
}

void destroy_stray(Work& work, const ListedMachine& machine, IntentId intent, JobId job) {
    const ContractId contract = machine.contract;
    work.state.provider.unowned[contract] = machine;
    if (work.state.meta.adopted.contains(contract)) return;
    const auto [seen, first] = work.state.strays.try_emplace(contract, work.now);
    if (first) {
        work.note("machine.orphan", job, std::to_string(contract.value),
                  {{"intent", to_text(intent)}, {"why", "no rental of ours is bound to it"}});
    }
    if (work.now - seen->second < work.settings.orphan_grace) {
        return work.wake(seen->second + work.settings.orphan_grace);
    }
    work.release(effect::DestroyMachine{intent, contract, machine.gpu_price + machine.disk_price});
}

void read_rates(Work& work, Intent& intent, const ListedMachine& machine) {
    if (machine.gpu_price.micros > 0 && machine.gpu_price != intent.gpu_rate) {
        work.edit_intent(intent.id).gpu_rate = machine.gpu_price;
    }
    if (machine.disk_price.micros > 0 && machine.disk_price != intent.disk_rate) {
        work.edit_intent(intent.id).disk_rate = machine.disk_price;
    }
}

void on_bound_machine(Work& work, Intent& intent, const ListedMachine& machine) {
    read_rates(work, intent, machine);
    if (machine.state == MachineState::kRunning && !intent.live) {
        work.edit_intent(intent.id).live = work.now;
    }
    if (intent.provider_state != machine.detail)
        work.edit_intent(intent.id).provider_state = machine.detail;
    watch_boot(work, intent, machine);
}

// "Destroyed" was not true: it costs money for as long as it is listed.
void bills_on(Work& work, IntentId id, const ListedMachine& machine) {
    Intent& intent = work.edit_intent(id);
    intent.disk_end.reset();
    if (machine.state == MachineState::kRunning) intent.gpu_end.reset();
}

// A machine that was taken away starts again by itself when its GPUs are free (vast-api 4.4, 4.5).
// Its agent is turned away by its fence, and the destroy calls go on.
void note_waking(Work& work, const Intent& intent, const ListedMachine& machine) {
    if (machine.state != MachineState::kRunning || !intent.gpu_end) return;
    const auto before = work.state.provider.machines.find(machine.contract);
    const bool ran_before = before != work.state.provider.machines.end() &&
                            before->second.state == MachineState::kRunning;
    if (ran_before || before == work.state.provider.machines.end()) return;
    work.note("machine.woke", intent.attempt.job, to_text(intent.id));
}

void on_present_closing(Work& work, Intent& intent, const ListedMachine& machine, Instant asked) {
    note_waking(work, intent, machine);
    const bool said_gone = intent.disk_end && asked > *intent.disk_end;
    if (said_gone && asked > *intent.disk_end + kListLag) bills_on(work, intent.id, machine);
    const rent::Closing closing = std::get<rent::Closing>(intent.phase);
    rent::Closing next = closing;
    next.absent_lists = 0;
    if (said_gone) {
        next.next_destroy = std::min(next.next_destroy, work.now + work.settings.destroy_retry);
    }
    if (next != closing) work.set_phase(work.edit_intent(intent.id), next);
}

void on_present(Work& work, IntentId id, const ListedMachine& machine, Instant asked) {
    Intent& intent = work.state.intents.at(id);
    intent.listed = work.now;
    if (intent.contract && intent.contract != machine.contract) {
        return destroy_stray(work, machine, id, intent.attempt.job);
    }
    const bool is_open_call = std::holds_alternative<rent::Sent>(intent.phase) ||
                              std::holds_alternative<rent::Armed>(intent.phase) ||
                              std::holds_alternative<rent::Unknown>(intent.phase);
    if (is_open_call || std::holds_alternative<rent::Abandoned>(intent.phase) ||
        std::holds_alternative<rent::Refused>(intent.phase)) {
        work.note("rent.found", intent.attempt.job, to_text(id),
                  {{"was", to_string(intent.phase)}});
        bind_machine(work, work.edit_intent(id), machine.contract);
        return;
    }
    if (std::holds_alternative<rent::Closed>(intent.phase) ||
        std::holds_alternative<rent::Settled>(intent.phase)) {
        bills_on(work, id, machine);
        return close_intent(work, work.edit_intent(id), "listed again after it was closed");
    }
    if (std::holds_alternative<rent::Closing>(intent.phase)) {
        return on_present_closing(work, intent, machine, asked);
    }
    on_bound_machine(work, intent, machine);
}

void finish_closing(Work& work, Intent& intent) {
    if (!intent.disk_end) intent.disk_end = work.now;
    if (intent.live && !intent.gpu_end) intent.gpu_end = work.now;
    work.set_phase(intent, rent::Closed{work.now});
    work.note("rent.closed", intent.attempt.job, to_text(intent.id));
}

void on_absent_closing(Work& work, Intent& intent, const rent::Closing& closing, Instant asked) {
    // Count only listings that were asked for after a destroy call, and never call a machine gone
    // that may merely not be listed yet.
    if (closing.destroys_sent == 0 || asked <= closing.since) return;
    const bool was_listed = intent.listed > Instant{};
    if (!was_listed && asked < intent.bound.value_or(asked) + kListLag) return;
    rent::Closing next = closing;
    ++next.absent_lists;
    Intent& edited = work.edit_intent(intent.id);
    if (next.absent_lists >= work.settings.close_absent_lists) return finish_closing(work, edited);
    work.set_phase(edited, next);
}

void on_absent_unknown(Work& work, Intent& intent, const rent::Unknown& unknown, Instant asked) {
    if (asked <= unknown.since) return;
    rent::Unknown next = unknown;
    ++next.absent_lists;
    Intent& edited = work.edit_intent(intent.id);
    // Real time must have passed for a late effect to show: what came before we lead does not
    // count.
    const Instant since = std::max(unknown.since, work.state.leads_since);
    const bool waited = work.now - since >= work.settings.unknown_wait;
    if (next.absent_lists < work.settings.unknown_absent_lists || !waited) {
        return work.set_phase(edited, next);
    }
    work.set_phase(edited, rent::Abandoned{work.now});
    work.note("rent.abandoned", intent.attempt.job, to_text(intent.id));
}

void on_absent_bound(Work& work, Intent& intent, const rent::Bound& bound, Instant asked) {
    // A success that never materialised (vast-api Q6), or a machine lost while it booted.
    if (asked < bound.since + kListLag) return;
    lose_attempt(work, intent.attempt, EndReason::kProviderError,
                 "the machine never appeared or vanished");
}

void on_absent(Work& work, IntentId id, Instant asked) {
    Intent& intent = work.state.intents.at(id);
    const IntentPhase phase = intent.phase;
    if (const auto* closing = std::get_if<rent::Closing>(&phase)) {
        on_absent_closing(work, intent, *closing, asked);
    } else if (const auto* unknown = std::get_if<rent::Unknown>(&phase)) {
        on_absent_unknown(work, intent, *unknown, asked);
    } else if (const auto* bound = std::get_if<rent::Bound>(&phase)) {
        on_absent_bound(work, intent, *bound, asked);
    }
    // A live machine that is absent is judged with its agent's silence, in sweep_leases.
}

// Our rental under this label, if it is one of ours. The MAC need not be computed again for a
// machine that is bound under exactly this label.
std::optional<IntentId> read_label(const Work& work, const ListedMachine& machine) {
    const auto known = work.state.by_contract.find(machine.contract);
    if (known != work.state.by_contract.end() &&
        work.state.intents.at(known->second).label == machine.label) {
        return known->second;
    }
    return parse_label(work.cluster, machine.label);
}

Listing read_listing(Work& work, const input::MachinesListed& in) {
    Listing listing{.asked = in.asked, .present = {}};
    work.state.provider.foreign.clear();
    work.state.provider.unowned.clear();
    for (const ListedMachine& machine : in.machines) {
        const std::optional<IntentId> id = read_label(work, machine);
        if (!id) {
            work.state.provider.foreign[machine.contract] = machine;
        } else if (!work.state.intents.contains(*id)) {
            pass_over(work, *id);
            destroy_stray(work, machine, *id, JobId{});
        } else {
            const auto [slot, first] = listing.present.try_emplace(*id, &machine);
            const Intent& intent = work.state.intents.at(*id);
            if (first || slot->second->contract == machine.contract) continue;
            // Two machines under one label: the one that we are not bound to goes.
            const bool keep_new = intent.contract == machine.contract;
            const ListedMachine* extra = keep_new ? slot->second : &machine;
            if (keep_new) slot->second = &machine;
            destroy_stray(work, *extra, *id, intent.attempt.job);
        }
    }
    return listing;
}

// Somebody ended it, or its host did. One absence is no proof: listings lag.
void follow_adopted(Work& work) {
    const std::map<ContractId, AdoptedMachine> adopted = work.state.meta.adopted;
    for (const auto& [contract, machine] : adopted) {
        const auto listed = work.state.provider.unowned.find(contract);
        const bool is_there = listed != work.state.provider.unowned.end();
        if (is_there && machine.absent_lists == 0) continue;
        if (is_there) {
            work.edit_meta().adopted[contract].absent_lists = 0;
        } else if (machine.absent_lists + 1 < work.settings.close_absent_lists) {
            ++work.edit_meta().adopted[contract].absent_lists;
        } else {
            work.edit_meta().adopted.erase(contract);
            work.note("machine.adopted_gone", JobId{}, std::to_string(contract.value));
        }
    }
}

}  // namespace

void on_listed(Work& work, const input::MachinesListed& in) {
    ProviderView& provider = work.state.provider;
    provider.asking = false;
    work.dirty = true;
    if (!in.complete || in.asked < provider.asked) {
        if (!in.complete && ++provider.failures_in_a_row == work.settings.outage_after_failures) {
            work.note("provider.blind", JobId{}, "provider", {{"why", in.detail}});
        }
        return;
    }
    std::erase_if(provider.odd_since, [&](const auto& odd) {
        return std::none_of(in.machines.begin(), in.machines.end(),
                            [&](const ListedMachine& m) { return m.contract == odd.first; });
    });
    const Listing listing = read_listing(work, in);
    if (contradicts_agents(work, listing)) {
        ++provider.failures_in_a_row;
        work.note("provider.contradiction", JobId{}, "provider",
                  {{"why", "an empty listing while agents answer"}});
        return;
    }
    if (provider.failures_in_a_row >= work.settings.outage_after_failures) {
        work.note("provider.seen_again", JobId{}, "provider");
    }
    provider.failures_in_a_row = 0;
    provider.asked = in.asked;
    provider.has_complete = true;
    std::map<ContractId, ListedMachine> machines;
    for (const auto& [id, machine] : listing.present) {
        on_present(work, id, *machine, in.asked);
        machines[machine->contract] = *machine;
    }
    provider.machines = std::move(machines);
    follow_adopted(work);
    std::erase_if(work.state.strays, [&](const auto& stray) {
        return std::none_of(in.machines.begin(), in.machines.end(),
                            [&](const ListedMachine& m) { return m.contract == stray.first; });
    });
    const std::vector<IntentId> open = snapshot(work.state.open_intents);
    for (const IntentId id : open) {
        if (!listing.present.contains(id)) on_absent(work, id, in.asked);
    }
}

// Only when the market is asked next depends on it: whoever forges hints wins nothing, and many of
// them are one.
void on_hint(Work& work, const input::ProviderHinted& /*in*/) {
    hint_notices(work);
    if (work.state.provider.hinted > Instant{}) return;
    work.state.provider.hinted = work.now;
    work.dirty = true;
}

namespace {

// Something hangs on the next listing: an unknown or closing intent, a booting or silent machine,
// or a job that waits to be placed by a process that has not seen a listing yet.
bool is_listing_urgent(const Work& work) {
    const State& state = work.state;
    if (!state.provider.has_complete && !state.active_jobs.empty()) return true;
    if (!state.strays.empty()) return true;
    for (const IntentId id : state.open_intents) {
        const Intent& intent = state.intents.at(id);
        if (std::holds_alternative<rent::Unknown>(intent.phase) ||
            std::holds_alternative<rent::Closing>(intent.phase) ||
            std::holds_alternative<rent::Bound>(intent.phase)) {
            return true;
        }
        if (!std::holds_alternative<rent::Live>(intent.phase)) continue;
        const auto lease = state.leases.find(id);
        if (lease == state.leases.end() || lease->second.gone > Instant{} ||
            work.now - lease->second.heard >= work.settings.report_every * 2) {
            return true;
        }
    }
    return false;
}

}  // namespace

void sweep_listing(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    ProviderView& provider = work.state.provider;
    const Duration every =
        is_listing_urgent(work) ? work.settings.list_fast : work.settings.list_slow;
    // While the API fails it is probed ever more slowly, up to once a minute.
    const Duration pause = provider.failures_in_a_row >= work.settings.outage_after_failures
                               ? work.settings.list_slow
                               : every;
    Instant due =
        provider.asking ? provider.tried + work.settings.list_timeout : provider.tried + pause;
    if (provider.hinted > Instant{} && !provider.asking) {
        const Instant soon = std::max(provider.hinted, provider.tried);
        due = std::min(due, soon + work.settings.list_after_hint);
    }
    if (provider.tried > Instant{} && work.now < due) return work.wake(due);
    provider.asking = true;
    provider.hinted = Instant{};
    provider.tried = work.now;
    work.release(effect::ListMachines{});
    work.wake(work.now + work.settings.list_timeout);
}

}  // namespace herder
