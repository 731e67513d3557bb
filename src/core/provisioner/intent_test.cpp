#include "core/provisioner/intent.h"

#include <gtest/gtest.h>

#include "base/record.h"

namespace herder {
namespace {

struct Row {
    IntentPhase phase;
    const char* word;
    bool exists;
    bool over;
};

TEST(IntentPhase, WholeTable) {
    const std::vector<Row> rows = {
        {rent::Planned{}, "planned", false, false}, {rent::Armed{}, "armed", true, false},
        {rent::Sent{}, "sent", true, false},        {rent::Unknown{}, "unknown", true, false},
        {rent::Refused{}, "refused", false, true},  {rent::Abandoned{}, "abandoned", false, true},
        {rent::Bound{}, "bound", true, false},      {rent::Live{}, "live", true, false},
        {rent::Closing{}, "closing", true, false},  {rent::Closed{}, "closed", false, false},
        {rent::Settled{}, "settled", false, true},
    };
    ASSERT_EQ(rows.size(), std::variant_size_v<IntentPhase>);
    for (const Row& row : rows) {
        EXPECT_STREQ(to_string(row.phase), row.word);
        EXPECT_EQ(may_exist(row.phase), row.exists) << row.word;
        EXPECT_EQ(is_over(row.phase), row.over) << row.word;
        EXPECT_FALSE(may_exist(row.phase) && is_over(row.phase)) << row.word;
    }
}

TEST(MachineState, EveryStateHasItsWord) {
    EXPECT_STREQ(to_string(MachineState::kStarting), "starting");
    EXPECT_STREQ(to_string(MachineState::kRunning), "running");
    EXPECT_STREQ(to_string(MachineState::kStopped), "stopped");
    EXPECT_STREQ(to_string(MachineState::kOffline), "offline");
    EXPECT_STREQ(to_string(MachineState::kFailed), "failed");
    EXPECT_STREQ(to_string(MachineState::kUnknown), "unknown");
    EXPECT_STREQ(to_string(MachineState::kQueued), "queued");
}

TEST(RentalKind, EveryKindHasItsWord) {
    EXPECT_STREQ(to_string(RentalKind::kUnknown), "unknown");
    EXPECT_STREQ(to_string(RentalKind::kOnDemand), "on-demand");
    EXPECT_STREQ(to_string(RentalKind::kInterruptible), "interruptible");
}

TEST(Intent, SaysWhereAMachineIsNotWhatWasRented) {
    Intent intent;
    intent.bid = {170'000};
    intent.price_cap = {200'000};
    ListedMachine machine;
    machine.gpu_price = {170'000};
    machine.disk_price = {30'000};
    for (const RentalKind kind : {RentalKind::kUnknown, RentalKind::kInterruptible}) {
        machine.rental = kind;
        EXPECT_EQ(find_rental_mismatch(intent, machine), "");
    }
    machine.gpu_price = {171'000};
    EXPECT_EQ(find_rental_mismatch(intent, machine),
              "it costs $0.201/h, more than the $0.20/h that the job allows");
    intent.price_cap = {};
    EXPECT_EQ(find_rental_mismatch(intent, machine), "") << "no limit was given";
    machine.rental = RentalKind::kOnDemand;
    EXPECT_EQ(find_rental_mismatch(intent, machine),
              "rented on demand for $0.171/h although a bid of $0.17/h was sent");
    intent.bid = {};
    EXPECT_EQ(find_rental_mismatch(intent, machine), "");
}

TEST(Intent, SurvivesStorageWithAllItsFields) {
    Intent intent;
    intent.id = {4};
    intent.attempt = {{7}, {2}};
    intent.label = "herder1-abcd-i4-000000";
    intent.offer.ask = 36'538'118;
    intent.offer.gpu_name = "RTX_4090";
    intent.bid = {196'000};
    intent.phase = rent::Closing{
        .since = {1}, .next_destroy = {2}, .destroys_sent = 3, .absent_lists = 1, .why = "done"};
    intent.bound = Instant{11};
    const auto restored = from_record<Intent>(to_record(intent));
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(*restored, intent);
}

}  // namespace
}  // namespace herder
