#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

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
    const std::string longest(1025, 'x');
    EXPECT_EQ(
        text(json(call("PUT", instance_path(id), R"({"label":")" + longest + "\"}")), "error"),
        "label_too_long");
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
    EXPECT_EQ(call("DELETE", instance_path(id)).status, 404);
    force("destroy_200_false");
    const ApiReply gone = call("DELETE", instance_path(id));
    EXPECT_EQ(gone.status, 200);
    EXPECT_EQ(text(json(gone), "error"), "no_such_instance");
}

TEST_F(ApiTest, ManyMachinesInOneCall) {
    const ContractNumber a = rent_one("a");
    const ContractNumber b = rent_one("b");
    market_.advance(market_.now() + minutes(2));
    const std::string both = "[" + std::to_string(a) + "," + std::to_string(b) + "]";
    EXPECT_EQ(call("PUT", "/api/v0/instances/", R"({"state":"stopped","ids":)" + both + "}").body,
              R"({"success":true})");
    market_.advance(market_.now() + minutes(1));
    EXPECT_EQ(market_.contracts().at(b).reported.actual_status, "exited");
    EXPECT_EQ(call("POST", "/api/v0/instances/start", R"({"IDs":)" + both + "}").status, 200);
    EXPECT_EQ(text(json(call("POST", "/api/v0/instances/start/", "{}")), "error"), "missing_input");
    EXPECT_EQ(text(json(call("POST", "/api/v0/instances/start/", R"({"IDs":[]})")), "error"),
              "empty_input");
    EXPECT_EQ(text(json(call("POST", "/api/v0/instances/start/", R"({"IDs":["x"]})")), "error"),
              "invalid_instance_id");
    EXPECT_EQ(call("DELETE", "/api/v0/instances/", R"({"instance_ids":)" + both + "}").status, 200);
    EXPECT_TRUE(market_.listed_now().empty());
}

class BidPerGpu : public ApiTest {
  protected:
    static Scenario switched() {
        Scenario s = calm_scenario();
        s.bid_per_gpu = true;
        return s;
    }
    BidPerGpu() : ApiTest(switched()) {}
};

TEST_F(BidPerGpu, ABidCountsForEachGpu) {
    std::vector<Offer> offers = market_.offers(true, 10'000);
    std::erase_if(offers, [](const Offer& o) { return o.ask.gpu_count != 4; });
    Offer offer = offers.front();
    offer.min_bid = {offer.min_bid.micros / 4 + 1};
    const Json made = json(call("PUT", ask_path(offer), create_body(offer)));
    const ContractNumber id = made.find("new_contract")->to_integer().value();
    EXPECT_EQ(market_.contracts().at(id).gpu_rate, offer.min_bid * 4);
}

}  // namespace
}  // namespace herder::vastsim
