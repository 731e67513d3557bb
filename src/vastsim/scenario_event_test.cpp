#include "vastsim/scenario_event.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(ScenarioEvent, ReadsEveryMember) {
    const auto json = parse_json(R"({"do":"evict","at_s":600,"every_s":60,"for_s":30,"notice_s":5,
        "gpu":"RTX 4090","country":"US","share":0.25,"factor":1.5,"amount":2})");
    const auto event = parse_event(*json);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->kind, EventKind::kEvict);
    EXPECT_EQ(event->at, minutes(10));
    EXPECT_EQ(event->every, minutes(1));
    EXPECT_EQ(event->lasts, seconds(30));
    EXPECT_EQ(event->notice, seconds(5));
    EXPECT_EQ(event->share_per_million, 250'000U);
    EXPECT_EQ(event->factor_milli, 1500);
    EXPECT_EQ(event->amount_micros, 2'000'000);
    EXPECT_EQ(event->gpu, "RTX 4090");
    EXPECT_EQ(event->country, "US");
}

TEST(ScenarioEvent, RefusesWhatItDoesNotKnow) {
    for (const char* text : {"{}", R"({"do":"dance"})", R"({"do":"evict","when":5})",
                             R"({"do":"evict","in_s":5})", R"({"do":"evict","at_s":-1})",
                             R"({"do":"fault"})", R"({"do":"fault","fault":"nonsense"})"})
        EXPECT_FALSE(parse_event(*parse_json(text))) << text;
}

TEST(ScenarioEvent, FaultSettingsOfEveryKind) {
    const auto setting = parse_fault_setting(
        *parse_json(R"({"probability":0.5,"next":2,"skip":3,"amount":60,"machine":49601})"));
    EXPECT_EQ(setting, (FaultSetting{500'000, 2, 60, 3, 49'601}));
}

}  // namespace
}  // namespace herder::vastsim
