#pragma once
// Two columns of money, kept apart: what our own clock says a machine costs (on its intent), and
// what the provider charges. Charges are keyed by (contract, day, kind) and replaced, never added.
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/money.h"

namespace herder {

enum class ChargeKind : int { kGpu = 1, kDisk = 2, kUpload = 3, kDownload = 4, kOther = 5 };
const char* to_string(ChargeKind kind);

struct ChargeKey {
    ContractId contract;
    std::int64_t day = 0;  // days since 1970-01-01 UTC
    ChargeKind kind = ChargeKind::kGpu;
    auto operator<=>(const ChargeKey&) const = default;
};

struct Charge {
    ChargeKey key;
    Usd amount;
    IntentId intent;  // its one owner; 0: unowned, reported as such
    bool operator==(const Charge&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.key.contract);
        v(2, s.key.day);
        v(3, s.key.kind);
        v(4, s.amount);
        v(5, s.intent);
    }
};

// The charges of all machines, by key. Pure container; who persists it sees what changed.
class Ledger {
  public:
    // Replaces the amount under the charge's key. True if anything changed.
    bool upsert(const Charge& charge);
    Usd charged(ContractId contract) const;
    Usd total() const;
    const std::map<ChargeKey, Charge>& charges() const { return charges_; }

  private:
    std::map<ChargeKey, Charge> charges_;
    std::map<ContractId, Usd> by_contract_;
};

// Our accrual and the provider's charge differ by more than 2 % and more than 5 cents.
bool differs_alarmingly(Usd accrued, Usd charged);

}  // namespace herder
