#include "core/provisioner/price_increase.h"

namespace herder {

namespace {

constexpr std::int64_t kBearablePercent = 125;

}  // namespace

IncreaseAnswer answer_increase(const Intent& intent, const PriceIncrease& increase) {
    if (increase.gpu_price <= UsdPerHour{}) return {false, "the new price is not said"};
    const UsdPerHour now = intent.gpu_rate + intent.disk_rate;
    const UsdPerHour next = increase.gpu_price + intent.disk_rate;
    const std::string from = to_text(now) + " to " + to_text(next);
    if (intent.price_cap > UsdPerHour{}) {
        if (next <= intent.price_cap)
            return {true, from + ", within the job's limit of " + to_text(intent.price_cap)};
        return {false, from + ", above the job's limit of " + to_text(intent.price_cap)};
    }
    if (next.micros * 100 <= now.micros * kBearablePercent)
        return {true, from + ", at most a quarter more, and the job has no limit"};
    return {false, from + ", more than a quarter, and the job names no limit"};
}

}  // namespace herder
