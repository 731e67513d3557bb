#pragma once
// A host that wants more for a machine from the end of its contract on. Prices of a running
// contract never change before that (API reference, section 2.12 and quirk 52, 2026-08): to accept
// prolongs the contract, to reject lets it end, and the job moves before. Pure.
#include <string>

#include "core/provisioner/intent.h"

namespace herder {

struct PriceIncrease {
    std::int64_t id = 0;
    ContractId contract;
    UsdPerHour gpu_price{};  // new; 0: not said
    bool operator==(const PriceIncrease&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.contract);
        v(3, s.gpu_price);
    }
};

struct IncreaseAnswer {
    bool accept = false;
    std::string why;  // for people
};

// Accepted as far as the job's own limit goes; without one, up to a quarter more than now. A price
// that is not said is never accepted.
IncreaseAnswer answer_increase(const Intent& intent, const PriceIncrease& increase);

}  // namespace herder
