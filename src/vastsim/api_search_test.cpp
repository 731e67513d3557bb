#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, SearchFiltersOrdersAndLimits) {
    const ApiReply reply = call("POST", "/api/v0/bundles/",
                                R"({"verified":{"eq":true},"external":{"eq":false},
        "rentable":{"eq":true},"num_gpus":{"eq":"1"},"gpu_name":{"in":["RTX 4090"]},
        "reliability":{"gte":0.9},"duration":{"gte":86400},"dph_total":{"lte":0.25},
        "order":[["dph_total","asc"]],"type":"bid","allocated_storage":40,"limit":4})");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const Json body = json(reply);
    const Json::Array& offers = *body.find("offers")->if_array();
    ASSERT_EQ(offers.size(), 4U);
    double last = 0;
    for (const Json& offer : offers) {
        EXPECT_EQ(text(offer, "gpu_name"), "RTX 4090");
        EXPECT_EQ(*offer.find("is_bid"), Json(true));
        const double total = offer.find("dph_total")->to_number().value();
        EXPECT_GE(total, last);
        EXPECT_LE(total, 0.25);
        last = total;
    }
}

TEST_F(ApiTest, SearchByIdMatchesNothingByAskContractIdOne) {
    const std::string id = std::to_string(cheapest(market_, false).ask.id);
    const auto count = [&](const std::string& field) {
        const Json body = json(
            call("POST", "/api/v0/bundles/",
                 "{\"verified\":{\"in\":[true,false]},\"" + field + "\":{\"eq\":" + id + "}}"));
        return body.find("offers")->if_array()->size();
    };
    EXPECT_EQ(count("id"), 0U);
    EXPECT_EQ(count("ask_contract_id"), 1U);
}

TEST_F(ApiTest, SearchErrors) {
    const ApiReply broken = call("POST", "/api/v0/bundles/", "{");
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(text(json(broken), "msg"), "Invalid json body");
    EXPECT_EQ(call("POST", "/api/v0/bundles/", R"({"num_gpus":{"0":1}})").status, 400);
    EXPECT_EQ(call("POST", "/api/v0/bundles/", R"({"nonsense":{"eq":1}})").status, 400);
}

TEST_F(ApiTest, TheNewerAndTheOldFormOfTheSearchFindTheSame) {
    const std::string q = R"({"gpu_name":{"eq":"RTX 4090"},"order":[["dph_total","asc"]]})";
    const Json posted = json(call("POST", "/api/v0/bundles/", q));
    const Json put = json(
        call("PUT", "/api/v0/search/asks/", R"({"select_cols":["id","gpu_name"],"q":)" + q + "}"));
    ASSERT_EQ(put.find("offers")->if_array()->size(), posted.find("offers")->if_array()->size());
    EXPECT_EQ(put.find("offers")->if_array()->front().if_object()->size(), 2U);
    query_ = {{"q", q}};
    const Json got = json(call("GET", "/api/v0/bundles/"));
    EXPECT_EQ(got.find("offers")->if_array()->size(), posted.find("offers")->if_array()->size());
}

TEST_F(ApiTest, RentedOffersAreHiddenUnlessAskedFor) {
    const Offer offer = cheapest(market_, false);
    EXPECT_EQ(call("PUT", ask_path(offer), create_body(offer)).status, 200);
    const std::string id = std::to_string(offer.ask.id);
    const auto rows = [&](const std::string& more) {
        const Json body = json(call("POST", "/api/v0/bundles/",
                                    R"({"ask_contract_id":{"eq":)" + id + "}" + more + "}"));
        return *body.find("offers")->if_array();
    };
    EXPECT_TRUE(rows("").empty());
    const auto shown = rows(
        R"(,"rentable":{"in":[true,false]},"rented":{"in":[true,false]},"verified":{"in":[true,false]})");
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(*shown[0].find("rented"), Json(true));
    EXPECT_EQ(*shown[0].find("rentable"), Json(false));
}

TEST_F(ApiTest, SearchHabits) {
    ASSERT_TRUE(market_.faults().set("search_end_text", {.per_million = 1'000'000}));
    const Json texts = json(call("POST", "/api/v0/bundles/", R"({"limit":1})"));
    EXPECT_NE(texts.find("offers")->if_array()->front().find("end_date")->if_string(), nullptr);
    ASSERT_TRUE(market_.faults().set("search_unfiltered", {.per_million = 1'000'000}));
    const Json slipped =
        json(call("POST", "/api/v0/bundles/", R"({"gpu_name":{"eq":"no such card"}})"));
    EXPECT_FALSE(slipped.find("offers")->if_array()->empty());
}

class CappedSearch : public ApiTest {
  protected:
    static Scenario capped() {
        Scenario s = calm_scenario();
        s.search_row_cap = 64;
        return s;
    }
    CappedSearch() : ApiTest(capped()) {}
};

TEST_F(CappedSearch, NeverReturnsMoreRowsThanTheCap) {
    const Json body = json(call("POST", "/api/v0/bundles/", R"({"limit":1000})"));
    EXPECT_EQ(body.find("offers")->if_array()->size(), 64U);
}

}  // namespace
}  // namespace herder::vastsim
