#include "vastsim/call_log.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(CallLog, CountsByRouteAndStatusAndKeepsLabelsOfCreates) {
    CallLog log;
    CallRecord create{.at = {},
                      .route = "PUT /a",
                      .path = "/a",
                      .status = 0,
                      .label = "x-1",
                      .new_contract = 7,
                      .instance_key = false};
    log.add(create);
    log.add(create);
    create.status = 200;
    log.add(create);
    const Json json = log.to_json();
    ASSERT_EQ(json.find("counts")->if_array()->size(), 2U);
    EXPECT_EQ(json.find("counts")->if_array()->front().find("count")->to_integer().value(), 2);
    EXPECT_EQ(*json.find("calls")->if_array()->front().find("label")->if_string(), "x-1");
}

}  // namespace
}  // namespace herder::vastsim
