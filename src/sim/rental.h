#pragma once
// The truth about one rented machine, as only the provider knows it, and its bill.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cost_tracker/ledger.h"
#include "core/provisioner/intent.h"
#include "sim/stage.h"

namespace herder::sim {

// kQueued: its start waits for the GPUs, its disk bills.
enum class RentalState { kLoading, kRunning, kStopped, kGone, kQueued };

// A span of time that is billed at one rate.
struct BilledSpan {
    ChargeKind kind = ChargeKind::kGpu;
    UsdPerHour rate{};
    Instant from;
    std::optional<Instant> to;
};

struct Rental {
    ContractId id;
    std::string label;
    IntentId intent;  // of the call that made it; 0: foreign
    std::int64_t machine = 0;
    bool interruptible = false;
    UsdPerHour gpu_rate{};
    UsdPerHour disk_rate{};
    std::string join_token;
    Instant created;
    Instant visible_from;
    Instant label_from;  // listed without its label before
    RentalState state = RentalState::kLoading;
    std::optional<Instant> gone_at;
    Instant ends = kNever;  // of its contract
    Instant stopped_at;
    bool is_offline = false;
    Instant offline_since;
    bool never_boots = false;
    int ignored_destroys = 0;  // a zombie: that many are answered with success and do nothing
    bool container_runs = false;
    bool is_revised = false;  // its charges are estimates until it is gone for half an hour
    std::vector<BilledSpan> spans;

    bool is_listed() const { return state != RentalState::kGone; }
};

// Opens or closes the span of this kind at `now`.
void start_billing(Rental& rental, ChargeKind kind, UsdPerHour rate, Instant now);
void stop_billing(Rental& rental, ChargeKind kind, Instant now);

// The bill by day and kind for everything up to `until`, rounded down to the micro-dollar.
std::map<ChargeKey, Usd> bill(const Rental& rental, Instant until);
Usd total_bill(const Rental& rental, Instant until);

}  // namespace herder::sim
