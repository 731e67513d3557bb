// Other people's rentals, and prices that walk (vast-api 8.6).
#include <algorithm>
#include <cmath>

#include "vastsim/market.h"

namespace herder::vastsim {

void Market::add_tenant(Tenant tenant, Duration stay) {
    tenant.id = next_tenant_++;
    const Slice slice{tenant.machine_id, tenant.first_gpu, tenant.gpu_count};
    take(slice);
    const std::set<ContractNumber> ids = live_on_machine_[tenant.machine_id];
    tenants_[tenant.machine_id][tenant.id] = tenant;
    machine_of_tenant_[tenant.id] = tenant.machine_id;
    schedule(stay, TimerKind::kTenantLeaves, tenant.id);
    for (const ContractNumber id : ids) {
        Contract& contract = contracts_.at(id);
        if (!contract.has_gpus || !overlap(slice, slice_of(contract))) continue;
        contract.outbid = true;
        halt(contract, "outbid", keeps_intended_when_outbid());
        // Resumes by itself when it wins again (vast-api 4.4).
        contract.queued_start = scenario_.outbid_resumes;
        notify("outbid", "Instance outbid", contract);
    }
}

// Somebody wants a slice of this machine: on demand (takes it from any bid) or by bid.
void Market::tenant_arrives(std::int64_t machine_id) {
    const auto mean = static_cast<double>(scenario_.tenant_interval.us);
    schedule(microseconds(static_cast<std::int64_t>(tenant_draws_.exponential(mean)) + 1),
             TimerKind::kTenantArrives, machine_id);
    const Machine& machine = machines_.at(machine_id);
    const std::size_t all = machine.gpu_ids.size();
    std::size_t count = std::size_t{1} << tenant_draws_.below(4);
    count = std::min(count, all);
    const std::size_t first = tenant_draws_.below(all / count) * count;
    Tenant tenant{
        .id = 0, .machine_id = machine_id, .first_gpu = first, .gpu_count = count, .bid = {}};
    const auto gpus = static_cast<std::int64_t>(count);
    if (!tenant_draws_.chance_per_million(scenario_.tenant_on_demand_per_million)) {
        tenant.bid = UsdPerHour{
            tenant_draws_.between(machine.floor_per_gpu.micros, machine.on_demand_per_gpu.micros) *
            gpus};
    }
    // Log-normal stay around the median, sigma 1 (vast-api 8.6).
    const double u = tenant_draws_.unit() + tenant_draws_.unit() + tenant_draws_.unit() - 1.5;
    const auto stay = static_cast<std::int64_t>(
        static_cast<double>(scenario_.tenant_stay_median.us) * std::exp(2.0 * u));
    if (!machine.online || machine.unlisted || !tenant_may_have(tenant)) return;
    add_tenant(tenant, microseconds(stay + 1));
}

// On demand takes from any bid; a bid must be higher than all that hold any of the GPUs.
bool Market::tenant_may_have(const Tenant& tenant) const {
    const Slice slice{tenant.machine_id, tenant.first_gpu, tenant.gpu_count};
    const auto each = [](UsdPerHour bid, std::size_t gpus) {
        return bid.micros / static_cast<std::int64_t>(gpus);
    };
    const auto beats = [&](UsdPerHour held, std::size_t gpus, bool tie) {
        if (!tenant.bid) return true;
        const std::int64_t wanted = each(*tenant.bid, tenant.gpu_count);
        return wanted > each(held, gpus) || (tie && wanted == each(held, gpus));
    };
    if (const auto others = tenants_.find(tenant.machine_id); others != tenants_.end()) {
        for (const auto& [id, other] : others->second) {
            if (!overlap(slice, {other.machine_id, other.first_gpu, other.gpu_count})) continue;
            if (!other.bid || !beats(*other.bid, other.gpu_count, false)) return false;
        }
    }
    const auto live = live_on_machine_.find(tenant.machine_id);
    if (live == live_on_machine_.end()) return true;
    return std::all_of(live->second.begin(), live->second.end(), [&](ContractNumber id) {
        const Contract& own = contracts_.at(id);
        if (!own.has_gpus || !overlap(slice, slice_of(own))) return true;
        return own.bid && beats(*own.bid, own.gpu_count, scenario_.bid_tie_evicts);
    });
}

bool Market::keeps_intended_when_outbid() {
    if (scenario_.outbid_mixed) return tenant_draws_.below(2) == 0;
    return scenario_.outbid_keeps_intended;
}

void Market::tenant_leaves(std::int64_t tenant_id) {
    const auto found = machine_of_tenant_.find(tenant_id);
    if (found == machine_of_tenant_.end()) return;
    const std::int64_t machine_id = found->second;
    machine_of_tenant_.erase(found);
    tenants_[machine_id].erase(tenant_id);
    resume_waiting(machine_id);
}

void Market::step_price(std::int64_t machine_id) {
    schedule(scenario_.price_step, TimerKind::kPriceStep, machine_id);
    Machine& machine = machines_.at(machine_id);
    const std::int64_t base = base_prices_.at(machine_id).micros;
    const std::int64_t before = machine.on_demand_per_gpu.micros;
    const auto most = static_cast<std::int64_t>(scenario_.price_step_most_per_mille);
    const std::int64_t moved = before * price_draws_.between(1000 - most, 1000 + most) / 1000;
    const std::int64_t price = std::clamp(moved, base * 7 / 10, base * 14 / 10) / 100 * 100;
    machine.floor_per_gpu = {
        std::max<std::int64_t>(machine.floor_per_gpu.micros * price / before, 1000)};
    machine.on_demand_per_gpu = {price};
}

}  // namespace herder::vastsim
