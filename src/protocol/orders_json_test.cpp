#include "protocol/orders_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(OrdersJson, SyncResponseSurvives) {
    SyncResponse response;
    response.orders.desired = DesiredState::kStop;
    response.orders.stop_reason = EndReason::kBudget;
    response.orders.assignment = Assignment{};
    response.orders.assignment->spec.run = "true";
    response.orders.grant = UploadGrant{{5}, 2, "000000000050-a000003-k5"};
    response.upload_urls = {{0, "/artifacts/x?s=1"}};
    response.restore = RestorePlan{{4}, {{{"a", {1}, 2, 0644}, "/artifacts/y"}}};
    response.job_env = {{"HERDER_PROVIDER", "vast"}};
    const auto read = parse_sync_response(to_json(response));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, response);
}

TEST(OrdersJson, UnknownFieldsAreIgnoredAndAbsentOnesKeepTheirDefault) {
    const auto orders = parse_orders(R"({"lease_us": 5, "from_the_future": {"x": [1]}})");
    ASSERT_TRUE(orders);
    EXPECT_EQ(orders->lease, microseconds(5));
    EXPECT_EQ(orders->report_every, AgentOrders{}.report_every);
}

}  // namespace
}  // namespace herder::protocol
