// Volumes: disks of their own on one machine (vast-api 2.15).
#include <algorithm>

#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

// A volume is released this long after the machine that used it is gone.
constexpr Duration kReleased = seconds(30);

}  // namespace

std::vector<VolumeOffer> Market::volume_offers() const {
    std::vector<VolumeOffer> rows;
    for (const auto& [ask, machine_id] : volume_asks_) {
        const Machine& machine = machines_.at(machine_id);
        if (!machine.online || machine.unlisted) continue;
        rows.push_back({ask, &machine, disk_free_gb(machine)});
    }
    return rows;
}

Result<ContractNumber> Market::create_volume(ContractNumber ask, std::int64_t size_gb,
                                             const std::string& name) {
    const auto found = volume_asks_.find(ask);
    if (found == volume_asks_.end()) {
        return not_found("volume ask " + std::to_string(ask) + " is not available");
    }
    const Machine& machine = machines_.at(found->second);
    if (!machine.online || size_gb < 1 || size_gb > disk_free_gb(machine)) {
        return Error{ErrorCode::kNoCapacity, "not that much space on the machine"};
    }
    Volume volume;
    volume.id = next_number_++;
    volume.machine_id = machine.id;
    volume.size_gb = size_gb;
    volume.name = name.empty() ? "V." + std::to_string(volume.id) : name;
    volume.rate = storage_rate(machine, size_gb * 1000);
    volume.created = volume.billed_until = now_;
    const ContractNumber id = volume.id;
    volumes_[id] = std::move(volume);
    return id;
}

std::vector<ContractNumber> Market::users_of(const Volume& volume) const {
    std::vector<ContractNumber> users;
    for (const auto& [id, contract] : contracts_) {
        if (contract.volume != volume.id) continue;
        const bool held = !contract.destroyed || now_ - *contract.destroyed < kReleased;
        if (held) users.push_back(id);
    }
    return users;
}

Status Market::delete_volume(ContractNumber id) {
    const auto found = volumes_.find(id);
    if (found == volumes_.end() || found->second.deleted) return not_found("no such volume");
    if (!users_of(found->second).empty()) {
        return Error{ErrorCode::kConflict, "the volume is in use"};
    }
    accrue(found->second);
    settled_ += total_of(found->second.days);
    found->second.deleted = now_;
    return ok();
}

}  // namespace herder::vastsim
