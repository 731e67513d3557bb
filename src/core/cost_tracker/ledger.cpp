#include "core/cost_tracker/ledger.h"

namespace herder {

const char* to_string(ChargeKind kind) {
    switch (kind) {
        case ChargeKind::kGpu:
            return "gpu";
        case ChargeKind::kDisk:
            return "disk";
        case ChargeKind::kUpload:
            return "upload";
        case ChargeKind::kDownload:
            return "download";
        case ChargeKind::kOther:
            return "other";
    }
    return "other";
}

bool Ledger::upsert(const Charge& charge) {
    const auto [at, added] = charges_.try_emplace(charge.key, charge);
    Usd before{};
    if (!added) {
        if (at->second == charge) return false;
        before = at->second.amount;
        at->second = charge;
    }
    by_contract_[charge.key.contract] += charge.amount - before;
    return true;
}

Usd Ledger::charged(ContractId contract) const {
    const auto at = by_contract_.find(contract);
    return at == by_contract_.end() ? Usd{} : at->second;
}

Usd Ledger::total() const {
    Usd sum;
    for (const auto& [contract, amount] : by_contract_)
        sum += amount;
    return sum;
}

bool differs_alarmingly(Usd accrued, Usd charged) {
    const std::int64_t difference = accrued.micros > charged.micros
                                        ? accrued.micros - charged.micros
                                        : charged.micros - accrued.micros;
    const std::int64_t bill = charged.micros < 0 ? -charged.micros : charged.micros;
    const bool over_two_percent =
        static_cast<__int128_t>(difference) * 100 > static_cast<__int128_t>(bill) * 2;
    return over_two_percent && Usd{difference} > usd_cents(5);
}

}  // namespace herder
