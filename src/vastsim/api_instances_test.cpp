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

TEST_F(ApiTest, ListOrdersAndSelectsColumns) {
    const ContractNumber a = rent_one("b-label");
    const ContractNumber b = rent_one("a-label");
    query_ = {{"order_by", R"([{"col":"id","dir":"desc"}])"},
              {"select_cols", R"(["id","what"])"},
              {"limit", "1"}};
    const Json first = json(call("GET", "/api/v1/instances/"));
    const Json& row = first.find("instances")->if_array()->front();
    EXPECT_EQ(row.to_text(), R"({"id":)" + std::to_string(b) + R"(,"what":null})");
    query_["after_token"] = text(first, "next_token");
    const Json second = json(call("GET", "/api/v1/instances/"));
    EXPECT_EQ(second.find("instances")->if_array()->front().find("id")->to_integer().value(), a);
    EXPECT_TRUE(second.find("next_token")->is_null());
    query_ = {{"order_by", R"([{"col":"dph_total","dir":"asc"}])"}};
    EXPECT_EQ(call("GET", "/api/v1/instances/").status, 400);
    query_ = {{"order_by", R"([{"col":"label","dir":"asc"}])"}};
    const Json labels = json(call("GET", "/api/v1/instances/"));
    EXPECT_EQ(text(labels.find("instances")->if_array()->front(), "label"), "a-label");
}

TEST_F(ApiTest, ListFaultsNullLabelAndExpiredToken) {
    rent_one("a");
    force("list_null");
    const Json nothing = json(call("GET", "/api/v1/instances/"));
    EXPECT_TRUE(nothing.find("instances")->is_null());
    EXPECT_EQ(nothing.find("total_instances")->to_integer().value(), 1);
    force("list_label_null");
    EXPECT_NE(call("GET", "/api/v1/instances/").body.find(R"("label":null)"), std::string::npos);
    query_ = {{"after_token", "eyJ2YWx1ZXMiOnsiaWQiOjF9fQ"}};
    EXPECT_EQ(call("GET", "/api/v1/instances/").status, 200);
    force("list_token_expired");
    EXPECT_EQ(text(json(call("GET", "/api/v1/instances/")), "error"), "invalid_token");
}

TEST_F(ApiTest, CountsFiltersAndFetchByLabel) {
    rent_one("a");
    rent_one("b");
    EXPECT_EQ(json(call("GET", "/api/v0/instances/count/")).find("count")->to_integer().value(), 2);
    const Json filters = json(call("GET", "/api/v0/instances/filters/"));
    EXPECT_EQ(text(filters.find("filters")->if_array()->front(), "gpu_name"), "RTX 4090");
    const Json fetched = json(call("POST", "/api/v0/contracts/fetch/", R"({"label":"b"})"));
    EXPECT_EQ(fetched.find("contracts")->if_array()->size(), 1U);
    const Json lite = json(call("GET", "/api/v1/instances/lite/"));
    EXPECT_EQ(lite.find("instances")->if_array()->front().find("image_uuid"), nullptr);
}

}  // namespace
}  // namespace herder::vastsim
