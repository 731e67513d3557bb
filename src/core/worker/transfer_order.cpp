#include "core/worker/transfer_order.h"

#include <algorithm>

#include "base/assert.h"

namespace herder {
namespace {

// People follow logs while a job saves, and some jobs save nearly all the time: a piece every two
// seconds (log_shipper.cpp says how large) takes a few hundredths of a link of 10 Mbit/s.
constexpr Duration kLogsWait = seconds(2);
// Rarer when every byte counts, but within the ten seconds that `docker stop` leaves: the last
// words arrive even where the checkpoint does not.
constexpr Duration kLogsWaitStopping = seconds(5);
// A piece is a whole file, which may be large. Longer than most checkpoints and notices take.
constexpr Duration kOutputsWait = seconds(60);

}  // namespace

void TransferOrder::began(TransferClass what) {
    ++under_way_[static_cast<std::size_t>(what)];
}

void TransferOrder::ended(TransferClass what) {
    HERDER_ASSERT(is_under_way(what));
    --under_way_[static_cast<std::size_t>(what)];
}

Duration TransferOrder::wait_limit(TransferClass what) const {
    const bool behind_checkpoint = is_under_way(TransferClass::kCheckpoint);
    switch (what) {
        case TransferClass::kCheckpoint:
            return Duration{};
        case TransferClass::kOutputs:
            return behind_checkpoint ? kOutputsWait : Duration{};
        case TransferClass::kLogs:
            if (is_stopping_) return behind_checkpoint ? kLogsWaitStopping : Duration{};
            return behind_checkpoint || is_under_way(TransferClass::kOutputs) ? kLogsWait
                                                                              : Duration{};
    }
    return Duration{};
}

Duration TransferOrder::wait_left(TransferClass what, Instant ready, Instant now) const {
    return std::max(Duration{}, wait_limit(what) - (now - ready));
}

}  // namespace herder
