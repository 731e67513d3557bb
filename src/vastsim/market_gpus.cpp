// Who holds which GPU: own contracts, other tenants, and what a bid must beat (vast-api 8.2, 8.6).
#include <algorithm>

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
    const auto others = tenants_.find(machine.id);
    if (others == tenants_.end()) return lowest;
    for (const auto& [id, tenant] : others->second) {
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
    if (const auto others = tenants_.find(slice.machine_id); others != tenants_.end()) {
        for (const auto& [id, tenant] : others->second) {
            const bool touches =
                overlap(slice, {tenant.machine_id, tenant.first_gpu, tenant.gpu_count});
            if (touches && !tenant.bid) return false;
        }
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

bool Market::holds(const Slice& slice) const {
    const auto live = live_on_machine_.find(slice.machine_id);
    if (live == live_on_machine_.end()) return false;
    return std::any_of(live->second.begin(), live->second.end(), [&](ContractNumber id) {
        const Contract& own = contracts_.at(id);
        return own.has_gpus && overlap(slice, slice_of(own));
    });
}

// Sends away the tenants that bid less; the caller has asked can_take().
void Market::take(const Slice& slice) {
    const auto others = tenants_.find(slice.machine_id);
    if (others == tenants_.end()) return;
    std::erase_if(others->second, [&](const auto& entry) {
        const Tenant& t = entry.second;
        const bool touches = overlap(slice, {t.machine_id, t.first_gpu, t.gpu_count});
        if (touches) machine_of_tenant_.erase(t.id);
        return touches;
    });
}

void Market::resume_waiting(std::int64_t machine_id) {
    const std::set<ContractNumber> ids = live_on_machine_[machine_id];
    for (const ContractNumber id : ids) {
        Contract& contract = contracts_.at(id);
        if (!contract.queued_start || contract.end_date <= now_ || out_of_credit_) continue;
        if (can_take(slice_of(contract), contract.bid, id)) resume(contract);
    }
}

std::int64_t Market::disk_free_gb(const Machine& machine) const {
    std::int64_t free = machine.disk_total_gb;
    if (const auto live = live_on_machine_.find(machine.id); live != live_on_machine_.end()) {
        for (const ContractNumber id : live->second)
            free -= contracts_.at(id).request.disk_gb;
    }
    for (const auto& [id, volume] : volumes_) {
        if (volume.machine_id == machine.id && !volume.deleted) free -= volume.size_gb;
    }
    return std::max<std::int64_t>(free, 0);
}

std::vector<Offer> Market::offers(bool bid, std::int64_t allocated_milli_gb) const {
    std::vector<Offer> rows;
    for (const auto& [id, ask] : asks_) {
        const Machine& machine = machines_.at(ask.machine_id);
        if (!machine.online || machine.unlisted || machine.end_date <= now_) continue;
        const auto gpus = static_cast<std::int64_t>(ask.gpu_count);
        Offer offer;
        offer.ask = ask;
        offer.machine = &machine;
        offer.is_bid = bid;
        const Slice slice{ask.machine_id, ask.first_gpu, ask.gpu_count};
        offer.rentable = can_take(slice, std::nullopt, 0);
        offer.rented = !offer.rentable && holds(slice);
        offer.volume_ask = volume_ask_of_.at(machine.id);
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

}  // namespace herder::vastsim
