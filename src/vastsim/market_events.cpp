// The events of a scenario's time line.
#include <algorithm>

#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

bool fits(const ScenarioEvent& event, const Machine& machine) {
    if (!event.gpu.empty() && machine.gpu.name != event.gpu) return false;
    return event.country.empty() || machine.geolocation.ends_with(event.country);
}

}  // namespace

std::vector<std::int64_t> Market::struck_machines(const ScenarioEvent& event) {
    std::vector<std::int64_t> ids;
    for (const auto& [id, machine] : machines_) {
        if (!fits(event, machine) || machine.vanished) continue;
        // Prices move everywhere, so that they can move back.
        const bool all = event.kind == EventKind::kPrices;
        if (all || event_draws_.chance_per_million(event.share_per_million)) ids.push_back(id);
    }
    return ids;
}

std::vector<ContractNumber> Market::struck_contracts(const ScenarioEvent& event) {
    std::vector<ContractNumber> ids;
    for (const auto& [id, contract] : contracts_) {
        if (contract.destroyed || !fits(event, machine_of(contract))) continue;
        if (event_draws_.chance_per_million(event.share_per_million)) ids.push_back(id);
    }
    return ids;
}

void Market::happen(const ScenarioEvent& event) {
    switch (event.kind) {
        case EventKind::kPrices:
        case EventKind::kOffline:
        case EventKind::kVanish:
        case EventKind::kUnlist:
            return strike_machines(event);
        case EventKind::kEvict:
        case EventKind::kCrash:
        case EventKind::kEndRentals:
        case EventKind::kPriceIncrease:
        case EventKind::kMaintenance:
        case EventKind::kMoveAddress:
            return strike_contracts(event);
        case EventKind::kCredit:
            return set_credit(usd_micros(event.amount_micros));
        case EventKind::kFault:
            (void)faults_.set(event.fault, event.setting);
            return;
    }
}

void Market::strike_machines(const ScenarioEvent& event) {
    for (const std::int64_t id : struck_machines(event)) {
        Machine& machine = machines_.at(id);
        if (event.kind == EventKind::kPrices) {
            machine.on_demand_per_gpu = {machine.on_demand_per_gpu.micros * event.factor_milli /
                                         1000};
            machine.floor_per_gpu = {machine.floor_per_gpu.micros * event.factor_milli / 1000};
            base_prices_[id] = {base_prices_[id].micros * event.factor_milli / 1000};
        } else if (event.kind == EventKind::kUnlist) {
            machine.unlisted = true;
            if (event.lasts.us > 0) schedule(event.lasts, TimerKind::kRelist, id);
        } else {
            lose_machine(
                id, event_draws_.chance_per_million(scenario_.offline_container_dies_per_million));
            machine.vanished = machine.vanished || event.kind == EventKind::kVanish;
            if (event.lasts.us > 0) schedule(event.lasts, TimerKind::kHostBack, id);
        }
    }
}

void Market::strike_contracts(const ScenarioEvent& event) {
    for (const ContractNumber id : struck_contracts(event)) {
        if (Contract* contract = find_live(id)) strike_contract(event, *contract);
    }
}

void Market::strike_contract(const ScenarioEvent& event, Contract& contract) {
    const ContractNumber id = contract.id;
    switch (event.kind) {
        case EventKind::kEvict:
            if (!contract.bid || !contract.has_gpus) return;
            (void)outbid(id, event.lasts.us > 0 ? std::optional(event.lasts) : std::nullopt);
            return;
        case EventKind::kCrash:
            (void)exit_container(id, static_cast<int>(event.amount_micros / 1'000'000));
            return;
        case EventKind::kEndRentals:
            (void)end_rental(id, event.lasts);
            return;
        case EventKind::kPriceIncrease:
            (void)raise_price(id, event.factor_milli);
            return;
        case EventKind::kMaintenance:
            (void)announce_maintenance(id, event.notice, event.lasts);
            return;
        case EventKind::kMoveAddress:
            contract.address = "198.51.100." + std::to_string(1 + event_draws_.below(250));
            return note(contract, "address moved");
        case EventKind::kPrices:
        case EventKind::kOffline:
        case EventKind::kVanish:
        case EventKind::kUnlist:
        case EventKind::kCredit:
        case EventKind::kFault:
            return;
    }
}

// Prices go back by what the event had done; machines have their own way back.
void Market::end_event(const ScenarioEvent& event) {
    if (event.kind == EventKind::kFault) return faults_.remove(event.fault);
    if (event.kind != EventKind::kPrices || event.factor_milli <= 0) return;
    for (auto& [id, machine] : machines_) {
        if (!fits(event, machine)) continue;
        machine.on_demand_per_gpu = {machine.on_demand_per_gpu.micros * 1000 / event.factor_milli};
        machine.floor_per_gpu = {machine.floor_per_gpu.micros * 1000 / event.factor_milli};
        base_prices_[id] = {base_prices_[id].micros * 1000 / event.factor_milli};
    }
}

}  // namespace herder::vastsim
