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

}  // namespace
}  // namespace herder::vastsim
