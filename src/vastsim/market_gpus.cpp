// Who holds which GPU: own contracts, other tenants, and what a bid must beat (vast-api 8.2, 8.6).
#include <algorithm>
#include <cmath>

#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

constexpr UsdPerHour kBidStep{100};  // a bid must beat the holder's by this much a GPU

}  // namespace

bool Market::overlap(const Slice& a, const Slice& b) {
    return a.machine_id == b.machine_id && a.first < b.first + b.count &&
           b.first < a.first + a.count;
}

UsdPerHour Market::storage_rate(const Machine& machine, std::int64_t milli_gb) {
    // storage_cost * GB / 720, to the nearest micro-dollar (vast-api 3.3).
    constexpr std::int64_t kDivisor = 1000 * 720;
    return {(machine.storage_micros_per_gb_month * milli_gb + kDivisor / 2) / kDivisor};
}

// The host's floor, or just above the highest bid that holds any of these GPUs.
UsdPerHour Market::min_bid(const Machine& machine, std::size_t first, std::size_t count) const {
    const auto gpus = static_cast<std::int64_t>(count);
    UsdPerHour lowest = machine.floor_per_gpu * gpus;
    const Slice wanted{machine.id, first, count};
    for (const auto& [id, tenant] : tenants_) {
        if (!overlap(wanted, {tenant.machine_id, tenant.first_gpu, tenant.gpu_count})) continue;
        if (!tenant.bid) {
            lowest = std::max(lowest, machine.on_demand_per_gpu * gpus);
            continue;
        }
        const UsdPerHour each{tenant.bid->micros / static_cast<std::int64_t>(tenant.gpu_count)};
        lowest = std::max(lowest, (each + kBidStep) * gpus);
    }
    return lowest;
}

// Own machines and tenants on demand keep their GPUs; a tenant's bid yields to on demand, and to a
// higher bid. Without a bid the question is only whether anything immovable is in the way.
bool Market::can_take(const Slice& slice, std::optional<UsdPerHour> bid,
                      ContractNumber asking) const {
    if (!machines_.at(slice.machine_id).online) return false;
    for (const auto& [id, tenant] : tenants_) {
        const bool touches =
            overlap(slice, {tenant.machine_id, tenant.first_gpu, tenant.gpu_count});
        if (touches && !tenant.bid) return false;
    }
    const auto live = live_on_machine_.find(slice.machine_id);
    if (live != live_on_machine_.end()) {
        for (const ContractNumber id : live->second) {
            const Contract& other = contracts_.at(id);
            if (id != asking && other.has_gpus && overlap(slice, slice_of(other))) return false;
        }
    }
    return !bid || *bid >= min_bid(machines_.at(slice.machine_id), slice.first, slice.count);
}

// Sends away the tenants that bid less; the caller has asked can_take().
void Market::take(const Slice& slice) {
    for (auto tenant = tenants_.begin(); tenant != tenants_.end();) {
        const Tenant& t = tenant->second;
        const bool touches = overlap(slice, {t.machine_id, t.first_gpu, t.gpu_count});
        tenant = touches ? tenants_.erase(tenant) : std::next(tenant);
    }
}

void Market::resume_waiting(std::int64_t machine_id) {
    const std::set<ContractNumber> ids = live_on_machine_[machine_id];
    for (const ContractNumber id : ids) {
        Contract& contract = contracts_.at(id);
        if (!contract.queued_start || contract.end_date <= now_) continue;
        if (can_take(slice_of(contract), contract.bid, id)) resume(contract);
    }
}

std::int64_t Market::disk_free_gb(const Machine& machine) const {
    std::int64_t free = machine.disk_total_gb;
    const auto live = live_on_machine_.find(machine.id);
    if (live == live_on_machine_.end()) return free;
    for (const ContractNumber id : live->second)
        free -= contracts_.at(id).request.disk_gb;
    return std::max<std::int64_t>(free, 0);
}

std::vector<Offer> Market::offers(bool bid, std::int64_t allocated_milli_gb) const {
    std::vector<Offer> rows;
    for (const auto& [id, ask] : asks_) {
        const Machine& machine = machines_.at(ask.machine_id);
        if (!machine.online || machine.end_date <= now_) continue;
        const auto gpus = static_cast<std::int64_t>(ask.gpu_count);
        Offer offer;
        offer.ask = ask;
        offer.machine = &machine;
        offer.is_bid = bid;
        offer.rentable = can_take({ask.machine_id, ask.first_gpu, ask.gpu_count}, std::nullopt, 0);
        offer.min_bid = min_bid(machine, ask.first_gpu, ask.gpu_count);
        offer.on_demand = machine.on_demand_per_gpu * gpus;
        offer.dph_base = bid ? offer.min_bid : offer.on_demand;
        offer.storage = storage_rate(machine, allocated_milli_gb);
        offer.disk_free_gb =
            disk_free_gb(machine) * gpus / static_cast<std::int64_t>(machine.gpu_ids.size());
        offer.now = now_;
        rows.push_back(offer);
    }
    return rows;
}

void Market::add_tenant(Tenant tenant, Duration stay) {
    tenant.id = next_tenant_++;
    const Slice slice{tenant.machine_id, tenant.first_gpu, tenant.gpu_count};
    take(slice);
    const std::set<ContractNumber> ids = live_on_machine_[tenant.machine_id];
    tenants_[tenant.id] = tenant;
    schedule(stay, TimerKind::kTenantLeaves, tenant.id);
    for (const ContractNumber id : ids) {
        Contract& contract = contracts_.at(id);
        if (!contract.has_gpus || !overlap(slice, slice_of(contract))) continue;
        halt(contract, "outbid", scenario_.outbid_keeps_intended);
        contract.queued_start = true;  // resumes by itself when it wins again (vast-api 4.4)
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
    if (tenant_draws_.below(100) < 70) {
        tenant.bid = UsdPerHour{
            tenant_draws_.between(machine.floor_per_gpu.micros, machine.on_demand_per_gpu.micros) *
            gpus};
    }
    // Log-normal stay around the median, sigma 1 (vast-api 8.6).
    const double u = tenant_draws_.unit() + tenant_draws_.unit() + tenant_draws_.unit() - 1.5;
    const auto stay = static_cast<std::int64_t>(
        static_cast<double>(scenario_.tenant_stay_median.us) * std::exp(2.0 * u));
    const Slice slice{machine_id, first, count};
    if (!machine.online) return;
    for (const auto& [id, other] : tenants_) {
        if (!overlap(slice, {other.machine_id, other.first_gpu, other.gpu_count})) continue;
        if (!other.bid || (tenant.bid && *tenant.bid <= *other.bid)) return;
    }
    for (const ContractNumber id : live_on_machine_[machine_id]) {
        const Contract& own = contracts_.at(id);
        if (!own.has_gpus || !overlap(slice, slice_of(own))) continue;
        if (!own.bid ||
            (tenant.bid && tenant.bid->micros / gpus <=
                               own.bid->micros / static_cast<std::int64_t>(own.gpu_count)))
            return;
    }
    add_tenant(tenant, microseconds(stay + 1));
}

void Market::tenant_leaves(std::int64_t tenant_id) {
    const auto tenant = tenants_.find(tenant_id);
    if (tenant == tenants_.end()) return;
    const std::int64_t machine_id = tenant->second.machine_id;
    tenants_.erase(tenant);
    resume_waiting(machine_id);
}

void Market::step_price(std::int64_t machine_id) {
    schedule(scenario_.price_step, TimerKind::kPriceStep, machine_id);
    Machine& machine = machines_.at(machine_id);
    const std::int64_t base = base_prices_.at(machine_id).micros;
    const std::int64_t before = machine.on_demand_per_gpu.micros;
    const std::int64_t moved = before * price_draws_.between(985, 1015) / 1000;
    const std::int64_t price = std::clamp(moved, base * 7 / 10, base * 14 / 10) / 100 * 100;
    machine.floor_per_gpu = {
        std::max<std::int64_t>(machine.floor_per_gpu.micros * price / before, 1000)};
    machine.on_demand_per_gpu = {price};
}

}  // namespace herder::vastsim
