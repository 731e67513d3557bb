#include "adapters/providers/vast/volumes_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

TEST(Volumes, AreReadWithWhatTheyCostAndWhoUsesThem) {
    const auto volumes = parse_volumes(R"({"volumes":[
      {"id":20118481,"label":"V.20118481","status":"in-use","machine_id":7,"disk_space":15,
       "instances":[5,{"id":"6"},null],"storage_total_cost":0.0021,"start_date":1.5,
       "end_date":1793000000.0},
      {"id":3,"status":"moving","disk_space":null,"instances":null}]})");
    ASSERT_TRUE(volumes.has_value());
    EXPECT_EQ(volumes->at(0).used_by, (std::vector<std::int64_t>{5, 6}));
    EXPECT_EQ(volumes->at(0).size, gigabytes(15));
    EXPECT_EQ(volumes->at(0).price, UsdPerHour{2'100});
    EXPECT_EQ(volumes->at(0).ends, WallTime{1'793'000'000'000'000});
    EXPECT_EQ(volumes->at(1).status, "moving");
    EXPECT_FALSE(parse_volumes(R"({"detail":"x"})").has_value());
}

}  // namespace
}  // namespace herder::vast
