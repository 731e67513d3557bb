#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

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
    query_ = {{"select_filters",
               R"({"day":{"gte":1789900000,"lte":1790900000},"type":{"in":["volume"]}})"}};
    EXPECT_EQ(json(call("GET", "/api/v0/charges/")).find("total")->to_integer().value(), 0);
}

TEST_F(ApiTest, InvoicesOfAWrongRangeAre200WithSuccessFalse) {
    const ApiReply wrong = call("GET", "/api/v1/invoices/");
    EXPECT_EQ(wrong.status, 200);
    EXPECT_EQ(wrong.body, R"({"success":false,"error":"Invalid date range","count":0,"total":0,)"
                          R"("results":[],"next_token":null})");
    query_ = {{"select_filters", R"({"when":{"gte":1789000000,"lte":1791000000}})"}};
    const Json body = json(call("GET", "/api/v1/invoices/"));
    ASSERT_EQ(body.find("count")->to_integer().value(), 1);
    const Json& row = body.find("results")->if_array()->front();
    EXPECT_EQ(row.find("amount")->to_integer().value(), -100) << "a top-up is negative";
    EXPECT_EQ(text(*row.find("metadata"), "service"), "stripe_payments");
    query_ = {{"inc_charges", "true"}};
    const Json old = json(call("GET", "/api/v0/users/me/invoices"));
    EXPECT_EQ(old.find("invoices")->if_array()->size(), 1U);
    EXPECT_NE(old.find("current")->find("charges"), nullptr);
}

TEST_F(ApiTest, TrafficIsBilledAtTheHostsPrices) {
    const ContractNumber id = rent_one();
    market_.advance(market_.now() + minutes(2));
    market_.add_traffic(id, 100'000, 50'000);
    EXPECT_EQ(market_.contracts().at(id).days.begin()->second.download_micros, 0) << "free here";
}

class CostlyTraffic : public ApiTest {
  protected:
    static Scenario costly() {
        Scenario s = calm_scenario();
        s.bandwidth_costs = true;
        return s;
    }
    CostlyTraffic() : ApiTest(costly()) {}
};

TEST_F(CostlyTraffic, ItemsForDownAndUpload) {
    std::vector<Offer> offers = market_.offers(false, 10'000);
    std::erase_if(offers, [](const Offer& o) { return o.machine->down_micros_per_gb == 0; });
    ASSERT_FALSE(offers.empty());
    const Offer& offer = offers.front();
    const Json made = json(call("PUT", ask_path(offer), create_body(offer)));
    const ContractNumber id = made.find("new_contract")->to_integer().value();
    market_.add_traffic(id, 100'000, 50'000);
    const Usd expected{offer.machine->down_micros_per_gb * 100 +
                       offer.machine->up_micros_per_gb * 50};
    EXPECT_GE(market_.cost_of(id), expected);
    query_ = {{"select_filters", R"({"day":{"gte":1789900000,"lte":1790900000}})"}};
    market_.advance(market_.now() + hours(1));
    const Json page = json(call("GET", "/api/v0/charges/"));
    const Json& items = *page.find("results")->if_array()->front().find("items");
    EXPECT_EQ(text((*items.if_array())[2], "type"), "bwd");
    EXPECT_GT((*items.if_array())[2].find("amount")->to_micros().value(), 0);
    EXPECT_GT((*items.if_array())[3].find("amount")->to_micros().value(), 0);
}

}  // namespace
}  // namespace herder::vastsim
