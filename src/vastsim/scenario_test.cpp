#include "vastsim/scenario.h"

#include <gtest/gtest.h>

#include "vastsim/fault.h"

namespace herder::vastsim {
namespace {

TEST(Scenario, CalmHasNoFaultsAndNoOtherTenants) {
    const auto calm = load_scenario("calm");
    ASSERT_TRUE(calm);
    EXPECT_TRUE(calm->faults.empty());
    EXPECT_EQ(calm->tenant_interval, Duration{});
}

TEST(Scenario, EveryFaultOfHostileExists) {
    const auto hostile = load_scenario("hostile");
    ASSERT_TRUE(hostile);
    for (const auto& [name, setting] : hostile->faults)
        EXPECT_TRUE(is_fault_name(name)) << name;
}

}  // namespace
}  // namespace herder::vastsim
