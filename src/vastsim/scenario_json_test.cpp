#include <gtest/gtest.h>

#include "vastsim/scenario.h"

namespace herder::vastsim {
namespace {

TEST(ScenarioFile, CalmListsEveryKeyWithItsDefault) {
    const auto calm = load_scenario(HERDER_SCENARIO_DIR "/calm.yaml");
    ASSERT_TRUE(calm) << calm.error().message;
    EXPECT_EQ(*calm, calm_scenario());
}

TEST(ScenarioFile, EveryShippedFileIsKnownByItsName) {
    EXPECT_GE(shipped_scenario_names().size(), 12U);
    for (const std::string_view name : shipped_scenario_names()) {
        const auto built_in = load_scenario(std::string(name));
        ASSERT_TRUE(built_in) << built_in.error().message;
        EXPECT_EQ(built_in->name, name);
        const auto file = load_scenario(HERDER_SCENARIO_DIR "/" + std::string(name) + ".yaml");
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(*file, *built_in) << name;
    }
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
    EXPECT_FALSE(parse_scenario("events: [{do: nonsense}]"));
    const auto unknown = load_scenario("no-such-scenario");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("region_outage"), std::string::npos);
}

TEST(ScenarioFile, ASwitchOfTheCommandLineIsAnyKey) {
    Scenario scenario = calm_scenario();
    EXPECT_TRUE(set_scenario_key(scenario, "outbid_keeps_intended=true"));
    EXPECT_TRUE(set_scenario_key(scenario, "search_row_cap=64"));
    EXPECT_TRUE(set_scenario_key(scenario, "visible_s=[0, 60]"));
    EXPECT_TRUE(scenario.outbid_keeps_intended);
    EXPECT_EQ(scenario.search_row_cap, 64U);
    EXPECT_EQ(scenario.visible.high, seconds(60));
    EXPECT_EQ(set_scenario_key(scenario, "bill_loading=maybe").error().message,
              "switch 'bill_loading': must be true or false");
    EXPECT_FALSE(set_scenario_key(scenario, "bill_loading"));
    EXPECT_FALSE(set_scenario_key(scenario, "nonsense=1"));
}

}  // namespace
}  // namespace herder::vastsim
