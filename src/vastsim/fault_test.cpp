#include "vastsim/fault.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(FaultTable, ForcedCallsStrikeThatOftenAndNoMore) {
    FaultTable faults(1, {});
    ASSERT_TRUE(faults.set("create_500", {.per_million = 0, .next_calls = 2, .amount = 0}));
    EXPECT_TRUE(faults.strikes("create_500"));
    EXPECT_TRUE(faults.strikes("create_500"));
    EXPECT_FALSE(faults.strikes("create_500"));
}

TEST(FaultTable, DrawsAreRepeatableAndIndependentOfOtherFaults) {
    const std::map<std::string, FaultSetting> half = {
        {"create_500", {.per_million = 500'000, .next_calls = 0, .amount = 0}},
        {"list_stale", {.per_million = 500'000, .next_calls = 0, .amount = 0}}};
    FaultTable alone(7, half);
    FaultTable mixed(7, half);
    for (int i = 0; i < 50; ++i) {
        (void)mixed.strikes("list_stale");
        EXPECT_EQ(alone.strikes("create_500"), mixed.strikes("create_500"));
    }
}

TEST(FaultTable, RefusesUnknownNamesAndSaysWhichExist) {
    FaultTable faults(1, {});
    const Status status = faults.set("nonsense", {});
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().message.find("create_reply_lost"), std::string::npos);
}

}  // namespace
}  // namespace herder::vastsim
