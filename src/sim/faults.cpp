#include "sim/faults.h"

namespace herder::sim {

namespace {

constexpr std::array<const char*, kFaultCount> kWords = {
    "create_refused",
    "create_no_effect",
    "create_timeout",
    "create_late",
    "create_error_with_contract",
    "account_blocked",
    "list_lag",
    "list_page_fails",
    "list_truncated",
    "list_stale",
    "list_duplicate",
    "destroy_lost",
    "bulk_refused",
    "zombie",
    "ghost",
    "search_fails",
    "outage",
    "charges_late",
    "charges_revised",
    "throttled",
    "label_late",
    "start_queued",
    "wakes_alone",
    "contract_ends",
    "price_increase",
    "credit_out",
    "outbid",
    "host_offline",
    "never_boots",
    "slow_boot",
    "agent_killed",
    "net_delay",
    "net_loss",
    "net_duplicate",
    "net_partition",
    "forgery",
    "slow_upload",
    "upload_fails",
    "object_missing",
    "store_fails",
    "restore_mismatch",
    "user_error",
    "out_of_memory",
    "hang",
    "never_ends",
    "kill",
    "crash_at_commit",
    "commit_unknown",
    "disk_full",
    "two_leaders",
    "clock_drift",
    "wall_jump",
    "maintenance",
    "store_slow",
    "store_reply_lost",
    "store_late",
    "store_list_lags",
    "part_damaged",
    "crash_in_store",
    "host_misreads",
    "store_denies",
    "object_lost",
    "object_replaced",
    "read_damaged",
    "manifest_forged",
    "part_size_changes",
};

}  // namespace

const char* to_string(Fault fault) {
    return kWords[static_cast<std::size_t>(fault)];
}

std::optional<Fault> parse_fault(std::string_view word) {
    for (std::size_t i = 0; i < kWords.size(); ++i) {
        if (kWords[i] == word) return static_cast<Fault>(i);
    }
    return std::nullopt;
}

FaultPlan::FaultPlan(std::uint64_t seed, const std::set<Fault>& off) {
    RandomStream swarm(seed, "swarm");
    for (int i = 0; i < kFaultCount; ++i) {
        const Fault fault = static_cast<Fault>(i);
        streams_.emplace_back(seed, std::string("fault/") + to_string(fault));
        const bool on = swarm.chance_per_million(500'000);
        const double drawn = swarm.unit();
        if (on && !off.contains(fault)) intensity_[index(fault)] = drawn;
    }
}

bool FaultPlan::strikes(Fault fault, std::uint64_t per_million) {
    const double chance = intensity(fault);
    if (chance <= 0) return false;
    const auto scaled = static_cast<std::uint64_t>(chance * static_cast<double>(per_million));
    if (!stream(fault).chance_per_million(scaled)) return false;
    count(fault);
    return true;
}

double FaultPlan::intensity(Fault fault) const {
    return ended_ ? 0 : intensity_[index(fault)];
}

std::vector<Fault> FaultPlan::classes_on() const {
    std::vector<Fault> on;
    for (int i = 0; i < kFaultCount; ++i) {
        if (intensity_[static_cast<std::size_t>(i)] > 0) on.push_back(static_cast<Fault>(i));
    }
    return on;
}

}  // namespace herder::sim
