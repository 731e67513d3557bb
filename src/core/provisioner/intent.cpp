#include "core/provisioner/intent.h"

namespace herder {

namespace {

// What a market's own rounding of a price may add.
constexpr UsdPerHour kRounding{10};

struct Word {
    const char* operator()(const rent::Planned&) const { return "planned"; }
    const char* operator()(const rent::Armed&) const { return "armed"; }
    const char* operator()(const rent::Sent&) const { return "sent"; }
    const char* operator()(const rent::Unknown&) const { return "unknown"; }
    const char* operator()(const rent::Refused&) const { return "refused"; }
    const char* operator()(const rent::Abandoned&) const { return "abandoned"; }
    const char* operator()(const rent::Bound&) const { return "bound"; }
    const char* operator()(const rent::Live&) const { return "live"; }
    const char* operator()(const rent::Closing&) const { return "closing"; }
    const char* operator()(const rent::Closed&) const { return "closed"; }
    const char* operator()(const rent::Settled&) const { return "settled"; }
};

}  // namespace

const char* to_string(const IntentPhase& phase) {
    return std::visit(Word{}, phase);
}

bool may_exist(const IntentPhase& phase) {
    return std::holds_alternative<rent::Armed>(phase) ||
           std::holds_alternative<rent::Sent>(phase) ||
           std::holds_alternative<rent::Unknown>(phase) ||
           std::holds_alternative<rent::Bound>(phase) ||
           std::holds_alternative<rent::Live>(phase) ||
           std::holds_alternative<rent::Closing>(phase);
}

bool is_over(const IntentPhase& phase) {
    // Closed is not over: its final charges are still to come.
    return std::holds_alternative<rent::Refused>(phase) ||
           std::holds_alternative<rent::Abandoned>(phase) ||
           std::holds_alternative<rent::Settled>(phase);
}

const char* to_string(BootStage stage) {
    switch (stage) {
        case BootStage::kAsked:
            return "asked";
        case BootStage::kPulling:
            return "pulling";
        case BootStage::kStarting:
            return "starting";
        case BootStage::kJoined:
            return "joined";
        case BootStage::kAdmitted:
            return "admitted";
    }
    return "unknown";
}

const char* to_string(MachineState state) {
    switch (state) {
        case MachineState::kStarting:
            return "starting";
        case MachineState::kRunning:
            return "running";
        case MachineState::kStopped:
            return "stopped";
        case MachineState::kOffline:
            return "offline";
        case MachineState::kFailed:
            return "failed";
        case MachineState::kUnknown:
            return "unknown";
        case MachineState::kQueued:
            return "queued";
    }
    return "unknown";
}

const char* to_string(RentalKind kind) {
    switch (kind) {
        case RentalKind::kUnknown:
            return "unknown";
        case RentalKind::kOnDemand:
            return "on-demand";
        case RentalKind::kInterruptible:
            return "interruptible";
    }
    return "unknown";
}

std::string find_rental_mismatch(const Intent& intent, const ListedMachine& machine) {
    if (intent.bid > UsdPerHour{} && machine.rental == RentalKind::kOnDemand) {
        return "rented on demand for " + to_text(machine.gpu_price) + " although a bid of " +
               to_text(intent.bid) + " was sent";
    }
    const UsdPerHour total = machine.gpu_price + machine.disk_price;
    if (intent.price_cap > UsdPerHour{} && total > intent.price_cap + kRounding) {
        return "it costs " + to_text(total) + ", more than the " + to_text(intent.price_cap) +
               " that the job allows";
    }
    return {};
}

}  // namespace herder
