#pragma once
// What the account paid in and got back, and price increases that hosts have announced.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::vast {

struct Invoice {
    std::optional<WallTime> at;
    std::string kind;     // "credit", "transfer", "payout", "refund", "reserved"; others survive
    std::string service;  // "stripe_payments", ...
    std::string description;
    Usd amount;  // negative where the account was charged to top it up
    bool operator==(const Invoice&) const = default;
};
struct InvoicePage {
    std::vector<Invoice> invoices;
    std::string next_token;  // empty: the last page
};
Result<InvoicePage> parse_invoices(std::string_view body);
// Both days, since 1970 and in UTC, included.
std::string invoices_target(std::int64_t from_day, std::int64_t to_day,
                            const std::string& after_token);

// Asked by the host of a machine that we rent: from the end of the contract on it costs more.
struct PriceIncrease {
    std::int64_t id = 0;
    ContractId contract;
    UsdPerHour old_gpu_price{};
    UsdPerHour new_gpu_price{};
    bool is_price_known = false;
    std::optional<WallTime> contract_ends;
    bool operator==(const PriceIncrease&) const = default;
};
struct PriceIncreases {
    std::vector<PriceIncrease> rows;
    bool is_cut_off = false;
};
Result<PriceIncreases> parse_price_increases(std::string_view body);
// Exactly this field: any other is refused.
std::string encode_price_increase(std::int64_t id);

}  // namespace herder::vast
