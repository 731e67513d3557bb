#include "core/checkpoints/storage_cost.h"

#include <algorithm>

#include "base/assert.h"

namespace herder {

namespace {

constexpr std::int64_t kDays = 30;
constexpr std::int64_t kGigabyte = 1'000'000'000;
constexpr std::int64_t kMillion = 1'000'000;
// The manifest, and the lists of uploads and parts that the server believes instead of the machine.
constexpr std::int64_t kWritesOfOne = 1;
// For each object: create, complete, list its upload and its parts.
constexpr std::int64_t kWritesOfObject = 4;

// The price of `amount` at so much for `unit`; products of bytes and prices are wider than 64 bits.
Usd price_of(std::int64_t amount, Usd price, std::int64_t unit) {
    const auto wide = static_cast<__int128>(amount) * price.micros;
    return Usd{static_cast<std::int64_t>((wide + unit / 2) / unit)};
}

}  // namespace

StorageBill estimate_month(const StorageUse& use, const StoragePrices& prices) {
    HERDER_ASSERT(use.checkpoint.count > 0 && use.every.us > 0 && use.kept > 0);
    StorageBill bill;
    bill.checkpoints = kDays * use.trained_a_day.us / use.every.us;
    const std::int64_t copied = use.copies_parts ? use.parts : 0;
    bill.writes =
        bill.checkpoints * (use.parts + copied + kWritesOfObject * use.files + kWritesOfOne);
    bill.reads = bill.checkpoints * (use.files + copied) + std::int64_t{use.restores} * use.files;
    // One is there for as long as `kept` newer ones take to come, but is paid for longer where the
    // store has a least time.
    const std::int64_t there = std::max(use.every.us * use.kept, prices.billed_least.us);
    const std::int64_t billed = std::max<std::int64_t>(
        std::min(bill.checkpoints, std::int64_t{use.kept}),
        static_cast<std::int64_t>(static_cast<__int128>(bill.checkpoints) *
                                  std::min(there, hours(24).us * kDays) / (hours(24).us * kDays)));
    bill.stored = Bytes{use.checkpoint.count * billed};
    bill.sent = Bytes{use.checkpoint.count * use.restores};
    bill.storage = price_of(bill.stored.count, prices.gigabyte_month, kGigabyte);
    bill.requests = price_of(bill.writes, prices.million_writes, kMillion) +
                    price_of(bill.reads, prices.million_reads, kMillion);
    bill.traffic = price_of(bill.sent.count, prices.gigabyte_out, kGigabyte);
    return bill;
}

}  // namespace herder
