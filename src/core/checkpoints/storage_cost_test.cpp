#include "core/checkpoints/storage_cost.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr StoragePrices kPrices{Usd{23'000}, Usd{5'000'000}, Usd{400'000}, Usd{90'000}, {}};

StorageUse use() {
    StorageUse use;
    use.checkpoint = gigabytes(10);
    use.every = minutes(30);
    use.kept = 3;
    use.trained_a_day = hours(24);
    use.restores = 4;
    use.parts = 600;
    return use;
}

TEST(StorageCost, IsStorageRequestsAndTraffic) {
    const StorageBill bill = estimate_month(use(), kPrices);
    EXPECT_EQ(bill.checkpoints, 1440);
    EXPECT_EQ(bill.stored, gigabytes(30));
    EXPECT_EQ(bill.storage, usd_cents(69));
    EXPECT_EQ(bill.writes, 1440 * 605);
    EXPECT_EQ(bill.reads, 1444);
    EXPECT_EQ(bill.requests, Usd{4'356'000 + 578});  // 0.8712 and 0.001444 million
    EXPECT_EQ(bill.sent, gigabytes(40));
    EXPECT_EQ(bill.traffic, usd_cents(360));
    EXPECT_EQ(bill.total(), bill.storage + bill.requests + bill.traffic);
}

TEST(StorageCost, WhereTheStoreCopiesPartsEachIsReadAndWrittenOnceMore) {
    StorageUse copied = use();
    copied.copies_parts = true;
    const StorageBill bill = estimate_month(copied, kPrices);
    EXPECT_EQ(bill.writes, 1440 * 1205);
    EXPECT_EQ(bill.reads, 1440 * 601 + 4);
    EXPECT_EQ(bill.traffic, estimate_month(use(), kPrices).traffic);
}

TEST(StorageCost, ALeastTimeIsPaidForWhatWasDeletedLongAgo) {
    StoragePrices prices = kPrices;
    prices.billed_least = hours(24 * 90);
    // All that was written in the month is still paid for at its end.
    EXPECT_EQ(estimate_month(use(), prices).stored, gigabytes(14'400));
}

TEST(StorageCost, WhatIsSeldomWrittenIsSeldomThere) {
    StorageUse rare = use();
    rare.every = hours(24 * 20);
    const StorageBill bill = estimate_month(rare, kPrices);
    EXPECT_EQ(bill.checkpoints, 1);
    EXPECT_EQ(bill.stored, gigabytes(10));
}

TEST(StorageCost, LargeAmountsDoNotOverflow) {
    StorageUse large = use();
    large.checkpoint = gigabytes(16'000);
    large.kept = 1000;
    EXPECT_EQ(estimate_month(large, kPrices).storage, usd_cents(36'800'000));
}

}  // namespace
}  // namespace herder
