// Our own column of a machine's cost; the provider's is in cost_tracker/ledger.h.
#include <algorithm>

#include "core/provisioner/intent.h"

namespace herder {

namespace {

Usd over(UsdPerHour rate, const std::optional<Instant>& from, const std::optional<Instant>& to,
         Instant now) {
    if (!from) return {};
    const Instant end = std::min(to.value_or(now), now);
    return end > *from ? rate * (end - *from) : Usd{};
}

}  // namespace

Usd accrued(const Intent& intent, Instant now) {
    return over(intent.gpu_rate, intent.live, intent.gpu_end, now) +
           over(intent.disk_rate, intent.bound, intent.disk_end, now);
}

}  // namespace herder
