#include <gtest/gtest.h>

#include "vastsim/scenario.h"

namespace herder::vastsim {
namespace {

TEST(ScenarioFile, ShippedFilesEqualTheBuiltInScenarios) {
    const auto calm = load_scenario(HERDER_SCENARIO_DIR "/calm.json");
    ASSERT_TRUE(calm) << calm.error().message;
    EXPECT_EQ(*calm, calm_scenario());
    const auto hostile = load_scenario(HERDER_SCENARIO_DIR "/hostile.json");
    ASSERT_TRUE(hostile) << hostile.error().message;
    EXPECT_EQ(*hostile, hostile_scenario());
}

TEST(ScenarioFile, AbsentKeysKeepTheValuesOfCalm) {
    const auto scenario = parse_scenario(R"({"search_row_cap":64,"image_pull_s":[1.5,2]})");
    ASSERT_TRUE(scenario);
    EXPECT_EQ(scenario->search_row_cap, 64U);
    EXPECT_EQ(scenario->image_pull.low, milliseconds(1500));
    EXPECT_EQ(scenario->heartbeat, calm_scenario().heartbeat);
}

TEST(ScenarioFile, UnknownKeysAndFaultsAreRefusedByName) {
    EXPECT_EQ(parse_scenario(R"({"machine":3})").error().message, "'machine': unknown key");
    EXPECT_FALSE(parse_scenario(R"({"faults":{"nonsense":{}}})"));
    EXPECT_FALSE(load_scenario("no-such-scenario"));
}

}  // namespace
}  // namespace herder::vastsim
