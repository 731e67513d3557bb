// Charges, credit, and the admin levers (vast-api 3.4, 2.17, 2.18, 4.5, 4.7).
#include <algorithm>

#include "base/assert.h"
#include "vastsim/market.h"

namespace herder::vastsim {

Usd usd_of_product(std::int64_t rate_times_us) {
    const std::int64_t hour = hours(1).us;
    return usd_micros(rate_times_us / hour + (rate_times_us % hour >= hour / 2 ? 1 : 0));
}

bool Market::bills_gpu(const Contract& contract) const {
    if (!contract.has_gpus || contract.offline_since || contract.destroyed) return false;
    if (contract.cur == ContractState::kScheduling) return false;
    switch (contract.container) {
        case ContainerState::kNone:
        case ContainerState::kCreated:
        case ContainerState::kLoading:
            return scenario_.bill_loading;
        case ContainerState::kRunning:
        case ContainerState::kStopping:
        case ContainerState::kExited:  // ended by itself: the GPUs are held until it is stopped
            return true;
    }
    return false;
}

bool Market::bills_disk(const Contract& contract) const {
    return !contract.destroyed && !contract.phantom && !contract.offline_since;
}

// Adds what the state since the last call has cost. Must run before every change of state.
void Market::accrue(Contract& contract) {
    const bool gpu = bills_gpu(contract);
    const bool disk = bills_disk(contract);
    while (contract.billed_until < now_) {
        const std::int64_t day = contract.billed_until.day();
        const WallTime day_end{(day + 1) * days(1).us};
        const WallTime until = std::min(now_, day_end);
        const std::int64_t span = (until - contract.billed_until).us;
        if (gpu || disk) {
            DayCharges& charges = contract.days[day];
            if (gpu) charges.gpu += contract.gpu_rate.micros * span;
            if (gpu) charges.gpu_us += span;
            if (disk) charges.disk += contract.storage_rate.micros * span;
        }
        contract.billed_until = until;
    }
}

void Market::accrue_all() {
    for (const auto& [machine_id, ids] : live_on_machine_) {
        for (const ContractNumber id : ids)
            accrue(contracts_.at(id));
    }
}

Usd Market::total_of(const Contract& contract) {
    Usd total;
    for (const auto& [day, charges] : contract.days)
        total += usd_of_product(charges.gpu) + usd_of_product(charges.disk);
    return total;
}

Usd Market::cost_of(ContractNumber id) {
    Contract* contract = find(id);
    if (contract == nullptr) return {};
    if (!contract->destroyed) accrue(*contract);
    return total_of(*contract);
}

Usd Market::spent() {
    accrue_all();
    Usd total = settled_;
    for (const auto& [machine_id, ids] : live_on_machine_) {
        for (const ContractNumber id : ids)
            total += total_of(contracts_.at(id));
    }
    return total;
}

Usd Market::credit() {
    if (!credit_shown_at_ || now_ - *credit_shown_at_ >= scenario_.credit_refresh) {
        shown_credit_ = initial_credit_ - spent();
        credit_shown_at_ = now_;
    }
    return shown_credit_;
}

void Market::set_credit(Usd credit) {
    initial_credit_ = credit + spent();
    credit_shown_at_.reset();
    check_credit();
}

// At zero everything stops at once; the disks bill on (vast-api 4.7).
void Market::check_credit() {
    if (initial_credit_ - spent() > usd_micros(0)) return;
    for (auto& [id, contract] : contracts_) {
        if (contract.destroyed) continue;
        contract.queued_start = false;
        if (contract.has_gpus) halt(contract, "out of credit", false);
    }
}

// One row for each contract and day, also of destroyed machines; as old as charges_delay.
std::vector<ChargeRow> Market::charges(std::int64_t first_day, std::int64_t last_day) {
    if (!charges_shown_at_ || now_ - *charges_shown_at_ >= scenario_.charges_delay) {
        accrue_all();
        shown_charges_.clear();
        for (const auto& [id, contract] : contracts_) {
            for (const auto& [day, charges] : contract.days)
                shown_charges_.push_back({id, contract.label, day, contract.gpu_rate, charges});
        }
        charges_shown_at_ = now_;
    }
    std::vector<ChargeRow> rows;
    std::copy_if(shown_charges_.begin(), shown_charges_.end(), std::back_inserter(rows),
                 [&](const ChargeRow& r) { return r.day >= first_day && r.day <= last_day; });
    return rows;
}

Status Market::outbid(ContractNumber id, std::optional<Duration> hold) {
    Contract* contract = find(id);
    if (contract == nullptr || contract->destroyed) {
        return not_found("outbidding contract " + std::to_string(id) + ": no such live contract");
    }
    if (!contract->bid || !contract->has_gpus) {
        return Error{ErrorCode::kConflict,
                     "outbidding contract " + std::to_string(id) + ": it is " +
                         (contract->bid ? "not holding its GPUs" : "on demand, not interruptible")};
    }
    add_tenant({.id = 0,
                .machine_id = contract->machine_id,
                .first_gpu = contract->first_gpu,
                .gpu_count = contract->gpu_count,
                .bid = {}},
               hold.value_or(scenario_.outbid_hold));
    return ok();
}

Status Market::go_offline(ContractNumber id, bool container_dies) {
    const Contract* named = find(id);
    if (named == nullptr || named->destroyed) return not_found("no such live contract");
    machines_.at(named->machine_id).online = false;
    for (const ContractNumber each : live_on_machine_[named->machine_id]) {
        Contract& contract = contracts_.at(each);
        accrue(contract);
        contract.offline_since = now_;
        if (container_dies) kill_container(contract);
        note(contract, container_dies ? "machine offline, container dead" : "machine offline");
        schedule(scenario_.unknown_after, TimerKind::kUnknown, each, contract.phase);
        schedule(scenario_.offline_after, TimerKind::kOffline, each, contract.phase);
    }
    return ok();
}

Status Market::go_online(ContractNumber id) {
    const Contract* named = find(id);
    if (named == nullptr || named->destroyed) return not_found("no such live contract");
    const std::int64_t machine_id = named->machine_id;
    machines_.at(machine_id).online = true;
    for (const ContractNumber each : live_on_machine_[machine_id]) {
        Contract& contract = contracts_.at(each);
        accrue(contract);  // nothing is billed for the time away
        contract.offline_since.reset();
        note(contract, "machine online");
        if (contract.container == ContainerState::kRunning && !contract.container_alive) {
            enter_running(contract);
        }
        report_later(contract);
    }
    resume_waiting(machine_id);
    return ok();
}

Status Market::exit_container(ContractNumber id, int code) {
    Contract* contract = find(id);
    if (contract == nullptr || contract->destroyed) return not_found("no such live contract");
    if (!contract->container_alive) {
        return Error{ErrorCode::kConflict, "no container runs on this contract"};
    }
    command(CommandKind::kKill, *contract);
    container_exited(id, code);
    return ok();
}

}  // namespace herder::vastsim
