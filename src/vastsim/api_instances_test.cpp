#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, ShowIsOneObjectUnderThePluralKeyAndNullWhenGone) {
    const ContractNumber id = rent_one();
    const Json shown = json(call("GET", instance_path(id)));
    EXPECT_EQ(shown.find("instances")->find("id")->to_integer().value(), id);
    EXPECT_EQ(text(*shown.find("instances"), "label"), "lab-1");
    EXPECT_EQ(call("DELETE", instance_path(id)).status, 200);
    EXPECT_EQ(call("GET", instance_path(id)).body, R"({"instances":null})");
    const ApiReply again = call("DELETE", instance_path(id));
    EXPECT_EQ(again.status, 404);
    EXPECT_EQ(text(json(again), "error"), "no_such_instance");
}

TEST_F(ApiTest, ListPagesByTwentyFiveWithTotals) {
    market_.set_credit(usd_cents(100'000'000));
    std::vector<Offer> offers = market_.offers(true, 10'000);
    std::erase_if(offers, [](const Offer& o) { return o.ask.gpu_count != 1; });
    ASSERT_GE(offers.size(), 30U);
    for (std::size_t i = 0; i < 30; ++i) {
        market_.advance(market_.now() + seconds(15));
        EXPECT_EQ(call("PUT", ask_path(offers[i]), create_body(offers[i])).status, 200);
    }
    const Json first = json(call("GET", "/api/v1/instances/"));
    EXPECT_EQ(first.find("instances_found")->to_integer().value(), 25);
    EXPECT_EQ(first.find("total_instances")->to_integer().value(), 30);
    EXPECT_EQ(first.find("label_counts")->find("lab-1")->to_integer().value(), 30);
    query_ = {{"after_token", text(first, "next_token")}, {"limit", "25"}};
    const Json second = json(call("GET", "/api/v1/instances/"));
    EXPECT_EQ(second.find("instances")->if_array()->size(), 5U);
    EXPECT_TRUE(second.find("next_token")->is_null());
    query_ = {{"after_token", "!"}};
    EXPECT_EQ(call("GET", "/api/v1/instances/").status, 400);
    query_ = {};
    const Json old = json(call("GET", "/api/v0/instances/"));
    EXPECT_EQ(old.find("instances")->if_array()->size(), 30U);
}

TEST_F(ApiTest, ListFiltersByLabelAndRefusesComputedColumns) {
    const ContractNumber a = rent_one("a");
    rent_one("b");
    query_ = {{"select_filters", R"({"label":{"eq":"a"}})"}};
    const Json body = json(call("GET", "/api/v1/instances/"));
    ASSERT_EQ(body.find("instances")->if_array()->size(), 1U);
    EXPECT_EQ(body.find("instances")->if_array()->front().find("id")->to_integer().value(), a);
    query_ = {{"select_filters", R"({"dph_total":{"lt":1}})"}};
    EXPECT_EQ(text(json(call("GET", "/api/v1/instances/")), "msg"),
              "Error in query parameters: dph_total is not a valid search key");
}

TEST_F(ApiTest, ListFaultsLagMissFailAndLinger) {
    force("list_lag", 60);
    const ContractNumber id = rent_one();
    EXPECT_EQ(call("GET", instance_path(id)).body, R"({"instances":null})");
    market_.advance(market_.now() + seconds(60));
    EXPECT_NE(call("GET", instance_path(id)).body, R"({"instances":null})");
    force("list_missing_row");
    const Json missing = json(call("GET", "/api/v1/instances/"));
    EXPECT_TRUE(missing.find("instances")->if_array()->empty());
    EXPECT_EQ(missing.find("total_instances")->to_integer().value(), 1);
    force("list_failed_page");
    EXPECT_EQ(call("GET", "/api/v1/instances/").status, 502);
    force("destroy_lingers", 1);
    EXPECT_EQ(call("DELETE", instance_path(id)).status, 200);
    EXPECT_NE(call("GET", "/api/v1/instances/").body.find("lab-1"), std::string::npos);
    EXPECT_EQ(call("GET", "/api/v1/instances/").body.find("lab-1"), std::string::npos);
}

TEST_F(ApiTest, StopStartAndLabel) {
    const ContractNumber id = rent_one();
    market_.advance(market_.now() + minutes(2));
    EXPECT_EQ(call("PUT", instance_path(id), R"({"state":"stopped"})").body, R"({"success":true})");
    market_.advance(market_.now() + minutes(1));
    const Json stopped = json(call("GET", instance_path(id)));
    EXPECT_EQ(text(*stopped.find("instances"), "actual_status"), "exited");
    EXPECT_EQ(text(*stopped.find("instances"), "cur_state"), "stopped");
    const Json labelled = json(call("PUT", instance_path(id), R"({"label":"new"})"));
    EXPECT_EQ(text(labelled, "msg"), "label for " + std::to_string(id) + " set to 'new'");
    EXPECT_EQ(call("PUT", instance_path(id), R"({"state":"running"})").status, 200);
    EXPECT_EQ(call("PUT", instance_path(3), R"({"state":"running"})").status, 404);
}

TEST_F(ApiTest, StartOfAnOutbidMachineIsRefusedSoftlyWithStatus200) {
    const ContractNumber id = rent_one();
    market_.advance(market_.now() + minutes(2));
    ASSERT_TRUE(market_.outbid(id, std::nullopt));
    const ApiReply reply = call("PUT", instance_path(id), R"({"state":"running"})");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body,
              R"({"success":false,"error":"resources_unavailable","msg":"Required resources are )"
              R"(currently unavailable, state change queued."})");
}

TEST_F(ApiTest, BidChangeChecksItsRange) {
    const ContractNumber id = rent_one();
    const std::string path = "/api/v0/instances/bid_price/" + std::to_string(id) + "/";
    EXPECT_EQ(call("PUT", path, R"({"client_id":"me","price":0.2})").status, 200);
    EXPECT_EQ(call("PUT", path, R"({"client_id":"me","price":0.0001})").status, 400);
    EXPECT_EQ(call("PUT", path, R"({"client_id":"me","price":33})").status, 400);
    EXPECT_EQ(text(json(call("PUT", "/api/v0/instances/bid_price/3/", "{}")), "error"),
              "no_such_instance");
    EXPECT_EQ(market_.contracts().at(id).bid, UsdPerHour{200'000});
}

TEST_F(ApiTest, DestroyFailsInItsReplyOnly) {
    const ContractNumber id = rent_one();
    force("destroy_502_executed");
    EXPECT_EQ(call("DELETE", instance_path(id)).status, 502);
    EXPECT_EQ(market_.find_listed(id), nullptr);
}

}  // namespace
}  // namespace herder::vastsim
