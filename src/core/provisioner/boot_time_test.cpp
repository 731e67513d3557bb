#include "core/provisioner/boot_time.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr BootLimits kLimits{};

TEST(BootTime, AnUnknownImageOrLinkGetsTheConstant) {
    BootRecords records;
    EXPECT_EQ(boot_deadline(records, "x", 400, kLimits), minutes(15));
    learn_boot(records, "x", 400, minutes(7), {});
    EXPECT_EQ(boot_deadline(records, "x", 0, kLimits), minutes(15));
    EXPECT_EQ(boot_deadline(records, "y", 400, kLimits), minutes(15));
}

TEST(BootTime, ALargeImageOnASlowHostGetsLonger) {
    BootRecords records;
    learn_boot(records, "x", 400, minutes(7), {});
    EXPECT_EQ(records.at("x").megabits, 144'000);
    // (1 min + pull) * 3 + 2 min
    EXPECT_EQ(boot_deadline(records, "x", 400, kLimits), minutes(23));
    EXPECT_EQ(boot_deadline(records, "x", 2000, kLimits), minutes(5) + seconds(216));
    EXPECT_EQ(boot_deadline(records, "x", 100, kLimits), hours(1)) << "77 minutes, capped";
}

TEST(BootTime, ASmallImageIsGivenUpSoonerButNotAtOnce) {
    BootRecords records;
    learn_boot(records, "x", 400, seconds(20), {});
    EXPECT_EQ(records.at("x").megabits, 0);
    EXPECT_EQ(boot_deadline(records, "x", 400, kLimits), minutes(5));
}

TEST(BootTime, AHostThatHadTheImageLowersTheEstimateOnlySlowly) {
    BootRecords records;
    learn_boot(records, "x", 400, minutes(7), {});
    learn_boot(records, "x", 400, seconds(30), {});
    EXPECT_EQ(records.at("x").megabits, 129'600);
    EXPECT_EQ(records.at("x").boots, 2);
    learn_boot(records, "x", 400, minutes(9), {});
    EXPECT_EQ(records.at("x").megabits, 192'000);
}

TEST(BootTime, ForgetsTheOldestBeyondTwoHundredImages) {
    BootRecords records;
    for (int i = 0; i < 201; ++i)
        learn_boot(records, "image" + std::to_string(i), 100, minutes(2), Instant{1 + i});
    EXPECT_EQ(records.size(), 200U);
    EXPECT_FALSE(records.contains("image0"));
    EXPECT_TRUE(records.contains("image200"));
}

}  // namespace
}  // namespace herder
