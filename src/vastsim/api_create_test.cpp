#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, CreateAnswersWithTheContractAndItsKeyOnly) {
    const Offer offer = cheapest(market_, true);
    const Json body = json(call("PUT", ask_path(offer), create_body(offer)));
    ASSERT_EQ(body.if_object()->size(), 3U);
    EXPECT_EQ(*body.find("success"), Json(true));
    const ContractNumber id = body.find("new_contract")->to_integer().value();
    EXPECT_EQ(market_.contracts().at(id).api_key, text(body, "instance_api_key"));
    EXPECT_EQ(market_.contracts().at(id).gpu_rate, offer.min_bid);
}

TEST_F(ApiTest, CreateWithoutPriceRentsOnDemand) {
    Offer offer = cheapest(market_, true);
    offer.is_bid = false;
    const Json body = json(call("PUT", ask_path(offer), create_body(offer)));
    const auto id = body.find("new_contract")->to_integer().value();
    EXPECT_FALSE(market_.contracts().at(id).bid);
    EXPECT_EQ(market_.contracts().at(id).gpu_rate, offer.on_demand);
}

TEST_F(ApiTest, CreateExecutedButTheReplyIsLost) {
    const struct {
        const char* fault;
        int status;
        Delivery delivery;
    } kCases[] = {{"create_reply_lost", 200, Delivery::kDropped},
                  {"create_502_executed", 502, Delivery::kWhole},
                  {"create_truncated", 200, Delivery::kTruncated},
                  {"create_empty_body", 200, Delivery::kWhole}};
    std::size_t made = 0;
    for (const auto& one : kCases) {
        force(one.fault);
        const Offer offer = cheapest(market_, true);
        const ApiReply reply = call("PUT", ask_path(offer), create_body(offer));
        EXPECT_EQ(reply.status, one.status) << one.fault;
        EXPECT_EQ(reply.delivery, one.delivery) << one.fault;
        EXPECT_EQ(market_.contracts().size(), ++made) << one.fault;
    }
}

TEST_F(ApiTest, CreateRefusedInEveryShapeMakesNothing) {
    const Offer offer = cheapest(market_, true);
    const struct {
        const char* fault;
        int status;
        const char* words;
    } kCases[] = {{"create_500", 500, "server_error"},
                  {"create_gone_400", 400, "no_such_ask"},
                  {"create_gone_404", 404, "error 404/3603: no_such_ask"},
                  {"create_gone_410", 410, "error 410/3907: no_such_ask"},
                  {"create_no_credit", 400, "insufficient_credit"}};
    for (const auto& one : kCases) {
        force(one.fault);
        const ApiReply reply = call("PUT", ask_path(offer), create_body(offer));
        EXPECT_EQ(reply.status, one.status) << one.fault;
        EXPECT_NE(reply.body.find(one.words), std::string::npos) << reply.body;
    }
    EXPECT_TRUE(market_.contracts().empty());
}

TEST_F(ApiTest, ErrorThatCarriesAContractIsAMachine) {
    force("create_stopped_contract");
    const Offer offer = cheapest(market_, true);
    const Json body = json(call("PUT", ask_path(offer), create_body(offer)));
    EXPECT_EQ(*body.find("success"), Json(false));
    const auto id = body.find("new_contract")->to_integer().value();
    EXPECT_NE(market_.find_listed(id), nullptr);
}

TEST_F(ApiTest, CreateBodyFormsOfRealClients) {
    const auto parsed = parse_create(5, parse_json(R"({"image":"i","disk":40.5,"price":"0.1712",
        "env":{"A":"b","-p 80:80":"1"},"args_str":"--job j1","runtype":"args"})")
                                            .value());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->disk_gb, 41);
    EXPECT_EQ(parsed->price, UsdPerHour{171'200});
    EXPECT_EQ(parsed->args, (std::vector<std::string>{"--job", "j1"}));
    EXPECT_FALSE(parsed->cancel_unavail);
    const auto plain = parse_create(5, parse_json(R"({"image":"i","env":"-e A=b"})").value());
    EXPECT_TRUE(plain->env.empty());  // a string is ignored
    EXPECT_TRUE(plain->cancel_unavail);
    EXPECT_EQ(plain->disk_gb, 8);
}

TEST_F(ApiTest, CreateOfABadIdOrBodyIs400) {
    EXPECT_EQ(call("PUT", "/api/v0/asks/abc/", "{}").status, 400);
    EXPECT_EQ(text(json(call("PUT", "/api/v0/asks/5/", "{")), "error"), "invalid_request");
}

TEST_F(ApiTest, BulkAndLaunchRentToo) {
    const Offer offer = cheapest(market_, false);
    Json body = parse_json(create_body(offer)).value();
    Json ids = Json::array();
    ids.push(offer.ask.id);
    ids.push(3);
    body.set("ids", ids);
    const Json bulk = json(call("POST", "/api/v0/asks/bulk/", body.to_text()));
    EXPECT_EQ(*bulk.find("success"), Json(false));
    const Json::Array& results = *bulk.find("results")->if_array();
    EXPECT_EQ(*results[0].find("success"), Json(true));
    EXPECT_EQ(*results[1].find("success"), Json(false));
    const Json launched =
        json(call("PUT", "/api/v0/launch_instance/",
                  R"({"q":{"gpu_name":{"eq":"RTX 3090"}},"image":"i","disk":9})"));
    const auto id = launched.find("new_contract")->to_integer().value();
    EXPECT_EQ(market_.machine_of(market_.contracts().at(id)).gpu.name, "RTX 3090");
    EXPECT_EQ(
        call("PUT", "/api/v0/launch_instance/", R"({"q":{"gpu_name":{"eq":"none"}},"image":"i"})")
            .status,
        404);
}

TEST_F(ApiTest, EnvAsTextIsIgnoredUnlessTheSwitchSaysSo) {
    Scenario parsed = calm_scenario();
    parsed.env_string_parsed = true;
    const Json body = parse_json(R"({"image":"i","env":"-e A=b -p 80:80"})").value();
    EXPECT_TRUE(parse_create(5, body)->env.empty());
    EXPECT_EQ(parse_create(5, body, parsed)->env.size(), 2U);
}

class SpendCap : public ApiTest {
  protected:
    static Scenario capped() {
        Scenario s = calm_scenario();
        s.spend_cap_per_hour = usd_cents(30);
        s.args_limit = 100;
        return s;
    }
    SpendCap() : ApiTest(capped()) {}
};

TEST_F(SpendCap, RefusesWhatWouldSpendMore) {
    EXPECT_GT(rent_one(), 0);
    const Offer offer = cheapest(market_, false);
    const ApiReply refused = call("PUT", ask_path(offer), create_body(offer));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(text(json(refused), "error"), "spend_rate_limit");
    Json body = parse_json(create_body(offer)).value();
    body.set("onstart", std::string(101, 'x'));
    EXPECT_NE(call("PUT", ask_path(offer), body.to_text()).body.find("len(args) > 100"),
              std::string::npos);
}

}  // namespace
}  // namespace herder::vastsim
