#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, CardsAndReportsAndMetrics) {
    const Json types = json(call("GET", "/api/v0/gpu_types/"));
    EXPECT_EQ(types.find("gpu_types")->if_array()->size(), 10U);
    EXPECT_EQ(call("PUT", "/api/v0/machines/49600/report", R"({"problem":"x"})").status, 200);
    EXPECT_EQ(call("PUT", "/api/v0/machines/1/report", "{}").status, 404);
    EXPECT_EQ(call("GET", "/api/v0/metrics/gpu/current/").status, 401);
}

TEST_F(ApiTest, MaintenanceOfRentedMachinesIsListedAndHappens) {
    const ContractNumber id = rent_one();
    market_.advance(market_.now() + minutes(2));
    EXPECT_EQ(call("GET", "/api/v0/machines/maintenances").body, "[]");
    ASSERT_TRUE(market_.announce_maintenance(id, hours(1), hours(2)));
    const Json rows = json(call("GET", "/api/v0/machines/maintenances"));
    ASSERT_EQ(rows.if_array()->size(), 1U);
    EXPECT_EQ(rows.if_array()->front().find("duration_hours")->to_number().value(), 2.0);
    market_.advance(market_.now() + hours(1) + minutes(5));
    EXPECT_EQ(market_.contracts().at(id).reported.actual_status, "offline");
    market_.advance(market_.now() + hours(2));
    EXPECT_EQ(market_.contracts().at(id).reported.actual_status, "running");
    EXPECT_EQ(call("GET", "/api/v0/machines/maintenances").body, "[]");
}

}  // namespace
}  // namespace herder::vastsim
