#include "sim/rental.h"

#include <algorithm>

namespace herder::sim {

void start_billing(Rental& rental, ChargeKind kind, UsdPerHour rate, Instant now) {
    stop_billing(rental, kind, now);
    rental.spans.push_back({kind, rate, now, std::nullopt});
}

void stop_billing(Rental& rental, ChargeKind kind, Instant now) {
    for (BilledSpan& span : rental.spans) {
        if (span.kind == kind && !span.to) span.to = now;
    }
}

std::map<ChargeKey, Usd> bill(const Rental& rental, Instant until) {
    std::map<ChargeKey, __int128_t> sums;  // micro-dollars per hour times microseconds
    for (const BilledSpan& span : rental.spans) {
        Instant from = span.from;
        const Instant end = std::min(span.to.value_or(until), until);
        while (from < end) {
            const std::int64_t day = (kEpoch + (from - Instant{})).day();
            const Instant midnight = Instant{} + (WallTime{(day + 1) * days(1).us} - kEpoch);
            const Instant to = std::min(end, midnight);
            sums[{rental.id, day, span.kind}] +=
                static_cast<__int128_t>(span.rate.micros) * (to - from).us;
            from = to;
        }
    }
    std::map<ChargeKey, Usd> amounts;
    for (const auto& [key, sum] : sums)
        amounts[key] = Usd{static_cast<std::int64_t>(sum / hours(1).us)};
    return amounts;
}

Usd total_bill(const Rental& rental, Instant until) {
    Usd total;
    for (const auto& [key, amount] : bill(rental, until))
        total += amount;
    return total;
}

}  // namespace herder::sim
