// What is billed when, and the rows of the charges (vast-api 3.4, 2.18).
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
        case ContainerState::kExited:  // ended by itself: the GPUs are held until it is stopped
            return scenario_.bill_exited;
        case ContainerState::kRunning:
        case ContainerState::kStopping:
        case ContainerState::kRebooting:
        case ContainerState::kRecycling:
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

void Market::accrue(Volume& volume) {
    while (!volume.deleted && volume.billed_until < now_) {
        const std::int64_t day = volume.billed_until.day();
        const WallTime until = std::min(now_, WallTime{(day + 1) * days(1).us});
        volume.days[day].disk += volume.rate.micros * (until - volume.billed_until).us;
        volume.billed_until = until;
    }
}

void Market::accrue_all() {
    for (const auto& [machine_id, ids] : live_on_machine_) {
        for (const ContractNumber id : ids)
            accrue(contracts_.at(id));
    }
    for (auto& [id, volume] : volumes_)
        accrue(volume);
}

Usd total_of(const std::map<std::int64_t, DayCharges>& by_day) {
    Usd total;
    for (const auto& [day, charges] : by_day) {
        total += usd_of_product(charges.gpu) + usd_of_product(charges.disk);
        total += usd_micros(charges.download_micros + charges.upload_micros);
    }
    return total;
}

Usd Market::cost_of(ContractNumber id) {
    Contract* contract = find(id);
    if (contract == nullptr) return {};
    if (!contract->destroyed) accrue(*contract);
    return total_of(contract->days);
}

Usd Market::spent() {
    accrue_all();
    Usd total = settled_;
    for (const auto& [machine_id, ids] : live_on_machine_) {
        for (const ContractNumber id : ids)
            total += total_of(contracts_.at(id).days);
    }
    for (const auto& [id, volume] : volumes_) {
        if (!volume.deleted) total += total_of(volume.days);
    }
    return total;
}

// One row for each contract and day, also of destroyed machines; as old as charges_delay.
std::vector<ChargeRow> Market::charges(std::int64_t first_day, std::int64_t last_day) {
    if (!charges_shown_at_ || now_ - *charges_shown_at_ >= scenario_.charges_delay) {
        accrue_all();
        shown_charges_.clear();
        for (const auto& [id, contract] : contracts_) {
            for (const auto& [day, charges] : contract.days)
                shown_charges_.push_back({id, contract.label, day, contract.gpu_rate, charges,
                                          false, contract.request.template_id});
        }
        for (const auto& [id, volume] : volumes_) {
            for (const auto& [day, charges] : volume.days)
                shown_charges_.push_back({id, volume.name, day, {}, charges, true, 0});
        }
        charges_shown_at_ = now_;
    }
    std::vector<ChargeRow> rows;
    std::copy_if(shown_charges_.begin(), shown_charges_.end(), std::back_inserter(rows),
                 [&](const ChargeRow& r) { return r.day >= first_day && r.day <= last_day; });
    return rows;
}

void Market::add_traffic(ContractNumber id, std::int64_t down_mb, std::int64_t up_mb) {
    Contract* contract = find_live(id);
    if (contract == nullptr || contract->offline_since) return;
    const Machine& machine = machine_of(*contract);
    DayCharges& today = contract->days[now_.day()];
    today.download_micros += machine.down_micros_per_gb * down_mb / 1000;
    today.upload_micros += machine.up_micros_per_gb * up_mb / 1000;
}

}  // namespace herder::vastsim
