#include "adapters/providers/vast/maintenances_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

constexpr WallTime kNow{1'795'435'200'000'000};

TEST(MaintenancesJson, ReadsTheFieldsThatTheCliShows) {
    const auto read = parse_maintenances(
        R"([{"machine_id":49612,"start_time":1795438800.5,"end_time":1795446000.5,
             "duration_hours":2,"maintenance_category":"power"},
            {"machine_id":"49613","start_time":"1795431600","duration_hours":"0.5"},
            {"machine_id":49614,"start_time":1795438800,"end_time":null}])",
        kNow);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    const std::vector<Maintenance> wanted = {
        {49612, hours(1) + milliseconds(500), hours(2)},
        {49613, Duration{} - hours(1), minutes(30)},
        {49614, hours(1), hours(1)},
    };
    EXPECT_EQ(*read, wanted);
}

TEST(MaintenancesJson, NoneIsAnEmptyList) {
    EXPECT_TRUE(parse_maintenances("[]", kNow)->empty());
}

TEST(MaintenancesJson, WhatCannotBeReadIsAnError) {
    for (const char* body : {"", "null", "{}", "[7]", R"([{"machine_id":1}])",
                             R"([{"start_time":5}])", R"([{"machine_id":0,"start_time":5}])"}) {
        EXPECT_EQ(parse_maintenances(body, kNow).error().code, ErrorCode::kCorrupt) << body;
    }
}

TEST(MaintenancesJson, AbsurdLengthsAreCut) {
    const auto read = parse_maintenances(
        R"([{"machine_id":1,"start_time":1795438800,"duration_hours":2000000}])", kNow);
    EXPECT_EQ(read->front().lasts, days(365));
}

TEST(MaintenancesJson, AsksLikeTheCliDoes) {
    EXPECT_EQ(maintenances_target({5, 7}),
              "/api/v0/machines/maintenances/?owner=me&machine_ids=%5B5%2C7%5D");
}

}  // namespace
}  // namespace herder::vast
