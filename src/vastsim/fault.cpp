#include "vastsim/fault.h"

#include <algorithm>

namespace herder::vastsim {

bool is_fault_name(std::string_view name) {
    return std::any_of(kFaultNames.begin(), kFaultNames.end(),
                       [name](const FaultName& known) { return known.name == name; });
}

FaultTable::FaultTable(std::uint64_t seed, std::map<std::string, FaultSetting> settings)
    : seed_(seed), settings_(std::move(settings)) {}

bool FaultTable::strikes(std::string_view name, std::int64_t machine) {
    const auto found = settings_.find(std::string(name));
    if (found == settings_.end()) return false;
    FaultSetting& setting = found->second;
    if (setting.machine != 0 && setting.machine != machine) return false;
    if (setting.skip_calls > 0) {
        --setting.skip_calls;
        return false;
    }
    if (setting.next_calls > 0) {
        --setting.next_calls;
        return true;
    }
    if (setting.per_million == 0) return false;
    auto stream = streams_.find(name);
    if (stream == streams_.end()) {
        stream = streams_.emplace(name, RandomStream(seed_, "fault." + std::string(name))).first;
    }
    return stream->second.chance_per_million(setting.per_million);
}

std::int64_t FaultTable::amount_of(std::string_view name, std::int64_t otherwise) const {
    const auto found = settings_.find(std::string(name));
    if (found == settings_.end() || found->second.amount <= 0) return otherwise;
    return found->second.amount;
}

Status FaultTable::set(const std::string& name, FaultSetting setting) {
    if (!is_fault_name(name)) {
        std::string known;
        for (const FaultName& fault : kFaultNames)
            known += (known.empty() ? "" : ", ") + std::string(fault.name);
        return invalid("no fault is called '" + name + "'; known: " + known);
    }
    settings_[name] = setting;
    return ok();
}

}  // namespace herder::vastsim
