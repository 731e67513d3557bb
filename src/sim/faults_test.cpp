#include "sim/faults.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(Faults, WordsAreDistinctAndParse) {
    std::set<std::string> words;
    for (int i = 0; i < kFaultCount; ++i) {
        const Fault fault = static_cast<Fault>(i);
        EXPECT_TRUE(words.insert(to_string(fault)).second);
        EXPECT_EQ(parse_fault(to_string(fault)), fault);
    }
    EXPECT_EQ(parse_fault("weather"), std::nullopt);
}

TEST(Faults, EachClassIsOffInAboutHalfOfTheSeeds) {
    int on = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        on += FaultPlan(seed, {}).intensity(Fault::kGhost) > 0 ? 1 : 0;
    EXPECT_GT(on, 70);
    EXPECT_LT(on, 130);
}

TEST(Faults, TurningOneOffLeavesTheDrawsOfOthers) {
    FaultPlan all(11, {});
    FaultPlan some(11, {Fault::kGhost});
    EXPECT_EQ(some.intensity(Fault::kGhost), 0);
    EXPECT_EQ(all.intensity(Fault::kKill), some.intensity(Fault::kKill));
    EXPECT_EQ(all.stream(Fault::kKill).next(), some.stream(Fault::kKill).next());
}

TEST(Faults, NothingStrikesAfterTheEnd) {
    FaultPlan plan(3, {});
    plan.end();
    for (int i = 0; i < kFaultCount; ++i)
        EXPECT_FALSE(plan.strikes(static_cast<Fault>(i), 1'000'000));
}

}  // namespace herder::sim
