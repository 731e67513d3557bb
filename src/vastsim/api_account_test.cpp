#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, CreditFallsWhileMachinesRun) {
    const Json before = json(call("GET", "/api/v0/users/current/"));
    EXPECT_EQ(before.find("credit")->to_micros().value(), 100'000'000);
    rent_one();
    market_.advance(market_.now() + hours(2));
    const Json after = json(call("GET", "/api/v0/users/current/"));
    EXPECT_LT(after.find("credit")->to_micros().value(), 100'000'000);
}

TEST_F(ApiTest, ChargesNeedADayRangeAndPage) {
    EXPECT_EQ(call("GET", "/api/v0/charges/").status, 400);
    const ContractNumber id = rent_one("c-1");
    market_.advance(kStart + hours(60));
    query_ = {{"select_filters", R"({"day":{"gte":1789900000,"lte":1790900000}})"},
              {"latest_first", "false"},
              {"limit", "2"}};
    const Json page = json(call("GET", "/api/v0/charges/"));
    EXPECT_EQ(page.find("total")->to_integer().value(), 4);
    ASSERT_EQ(page.find("results")->if_array()->size(), 2U);
    const Json& row = page.find("results")->if_array()->front();
    EXPECT_EQ(text(row, "source"), "instance-" + std::to_string(id));
    EXPECT_EQ(text(*row.find("metadata"), "label"), "c-1");
    query_["after_token"] = text(page, "next_token");
    const Json rest = json(call("GET", "/api/v0/charges/"));
    EXPECT_EQ(rest.find("results")->if_array()->size(), 2U);
    EXPECT_TRUE(rest.find("next_token")->is_null());
}

}  // namespace
}  // namespace herder::vastsim
