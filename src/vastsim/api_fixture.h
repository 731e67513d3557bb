#pragma once
// What the tests of the API share: a market in virtual time and one call as a line.
#include <gtest/gtest.h>

#include "vastsim/api.h"
#include "vastsim/market_fixture.h"

namespace herder::vastsim {

class ApiTest : public ::testing::Test {
  protected:
    explicit ApiTest(Scenario scenario = calm_scenario())
        : market_(scenario, 11, kStart), api_(market_, calls_, "demo") {}

    // Each call comes ten seconds after the one before, so that no rate limit is hit.
    ApiReply call(const std::string& method, const std::string& path, const std::string& body = "",
                  const std::string& key = "demo") {
        market_.advance(market_.now() + seconds(10));
        return call_now(method, path, body, key);
    }
    ApiReply call_now(const std::string& method, const std::string& path,
                      const std::string& body = "", const std::string& key = "demo") {
        ApiRequest request;
        request.method = method;
        request.path = path.substr(0, path.find('?'));
        request.query = query_;
        request.key = key;
        request.client_ip = "127.0.0.1";
        request.body = body;
        return api_.handle(request);
    }
    static Json json(const ApiReply& reply) {
        const Result<Json> parsed = parse_json(reply.body);
        EXPECT_TRUE(parsed) << reply.body;
        return parsed.value_or(Json());
    }
    static std::string text(const Json& json, const char* key) {
        const Json* value = json.find(key);
        return value && value->if_string() ? *value->if_string() : "";
    }
    void force(const std::string& fault, std::int64_t amount = 0) {
        ASSERT_TRUE(
            market_.faults().set(fault, {.per_million = 0, .next_calls = 1, .amount = amount}));
    }
    static std::string create_body(const Offer& offer, const std::string& label = "lab-1") {
        Json body;
        body.set("client_id", "me").set("image", "img:1").set("disk", 10.0).set("label", label);
        body.set("onstart", "echo hi").set("cancel_unavail", true).set("runtype", "ssh");
        if (offer.is_bid) body.set("price", offer.min_bid);
        return body.to_text();
    }
    static std::string ask_path(const Offer& offer) {
        return "/api/v0/asks/" + std::to_string(offer.ask.id) + "/";
    }
    static std::string instance_path(ContractNumber id) {
        return "/api/v0/instances/" + std::to_string(id) + "/";
    }
    ContractNumber rent_one(const std::string& label = "lab-1") {
        const Offer offer = cheapest(market_, true);
        const ApiReply reply = call("PUT", ask_path(offer), create_body(offer, label));
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json(reply).find("new_contract")->to_integer().value();
    }

    Market market_;
    CallLog calls_;
    Api api_;
    std::map<std::string, std::string> query_;
};

}  // namespace herder::vastsim
