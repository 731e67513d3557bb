#include "core/cost_tracker/ledger.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/record.h"

namespace herder {
namespace {

Charge charge(std::int64_t contract, std::int64_t day, ChargeKind kind, Usd amount) {
    return {.key = {{contract}, day, kind}, .amount = amount, .intent = {}};
}

TEST(Ledger, ReadingTheSameChargesTwiceAddsNothing) {
    Ledger ledger;
    EXPECT_TRUE(ledger.upsert(charge(5, 1, ChargeKind::kGpu, usd_cents(10))));
    EXPECT_FALSE(ledger.upsert(charge(5, 1, ChargeKind::kGpu, usd_cents(10))));
    EXPECT_EQ(ledger.charged({5}), usd_cents(10));
    EXPECT_EQ(ledger.total(), usd_cents(10));
}

TEST(Ledger, ALaterAmountReplacesTheEarlierOne) {
    Ledger ledger;
    ledger.upsert(charge(5, 1, ChargeKind::kGpu, usd_cents(10)));
    EXPECT_TRUE(ledger.upsert(charge(5, 1, ChargeKind::kGpu, usd_cents(25))));
    EXPECT_EQ(ledger.charged({5}), usd_cents(25));
    EXPECT_TRUE(ledger.upsert(charge(5, 1, ChargeKind::kGpu, usd_cents(20))));
    EXPECT_EQ(ledger.charged({5}), usd_cents(20));
}

TEST(Ledger, DaysKindsAndContractsAreKeptApart) {
    Ledger ledger;
    ledger.upsert(charge(5, 1, ChargeKind::kGpu, usd_cents(10)));
    ledger.upsert(charge(5, 2, ChargeKind::kGpu, usd_cents(20)));
    ledger.upsert(charge(5, 1, ChargeKind::kDisk, usd_cents(1)));
    ledger.upsert(charge(6, 1, ChargeKind::kGpu, usd_cents(100)));
    EXPECT_EQ(ledger.charged({5}), usd_cents(31));
    EXPECT_EQ(ledger.charged({6}), usd_cents(100));
    EXPECT_EQ(ledger.charged({7}), Usd{});
    EXPECT_EQ(ledger.total(), usd_cents(131));
    EXPECT_EQ(ledger.charges().size(), 4U);
}

TEST(Ledger, AnOwnerFoundLaterIsAChange) {
    Ledger ledger;
    Charge row = charge(5, 1, ChargeKind::kGpu, usd_cents(10));
    ledger.upsert(row);
    row.intent = {3};
    EXPECT_TRUE(ledger.upsert(row));
    EXPECT_EQ(ledger.total(), usd_cents(10));
    EXPECT_EQ(ledger.charges().begin()->second.intent, IntentId{3});
}

TEST(Ledger, TotalIsTheSumOfItsRowsWhateverTheOrder) {
    RandomStream random(7, "ledger");
    Ledger ledger;
    for (int i = 0; i < 2000; ++i) {
        ledger.upsert(charge(random.between(1, 5), random.between(1, 4),
                             static_cast<ChargeKind>(random.between(1, 5)),
                             usd_micros(random.between(-10, 1'000'000))));
    }
    Usd sum;
    for (const auto& [key, row] : ledger.charges())
        sum += row.amount;
    EXPECT_EQ(ledger.total(), sum);
}

TEST(Charge, SurvivesStorage) {
    Charge row = charge(5, 20'000, ChargeKind::kDownload, usd_micros(1));
    row.intent = {9};
    const auto restored = from_record<Charge>(to_record(row));
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(*restored, row);
}

TEST(Alarm, NeedsMoreThanTwoPercentAndMoreThanFiveCents) {
    EXPECT_FALSE(differs_alarmingly(usd_cents(104), usd_cents(100)));  // 4 cents
    EXPECT_FALSE(differs_alarmingly(usd_cents(105), usd_cents(100)));  // exactly 5 cents
    EXPECT_TRUE(differs_alarmingly(usd_cents(106), usd_cents(100)));
    EXPECT_TRUE(differs_alarmingly(usd_cents(94), usd_cents(100)));
    EXPECT_FALSE(differs_alarmingly(usd_cents(10'200), usd_cents(10'000)));  // exactly 2 %
    EXPECT_TRUE(differs_alarmingly(usd_cents(10'201), usd_cents(10'000)));
    EXPECT_TRUE(differs_alarmingly(usd_cents(6), Usd{}));
    EXPECT_FALSE(differs_alarmingly(Usd{}, Usd{}));
}

TEST(ChargeKind, EveryKindHasItsWord) {
    EXPECT_STREQ(to_string(ChargeKind::kGpu), "gpu");
    EXPECT_STREQ(to_string(ChargeKind::kDisk), "disk");
    EXPECT_STREQ(to_string(ChargeKind::kUpload), "upload");
    EXPECT_STREQ(to_string(ChargeKind::kDownload), "download");
    EXPECT_STREQ(to_string(ChargeKind::kOther), "other");
}

}  // namespace
}  // namespace herder
