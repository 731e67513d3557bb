#include "vastsim/api.h"

#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, MissingAndWrongKeysAnswerAsTheServiceDoes) {
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", "").body,
              R"({"success":false,"error":"auth_error","msg":"This action requires login."})");
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", "").status, 403);
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", "bad").status, 401);
    EXPECT_EQ(call("GET", "/api/v0/charges/", "", "bad").status, 404);
    EXPECT_EQ(call("POST", "/api/v0/bundles/", "{}", "bad").status, 404);
    EXPECT_EQ(text(json(call("POST", "/api/v0/bundles/", "{}", "bad")), "msg"), "Invalid user key");
    EXPECT_EQ(call("POST", "/api/v0/bundles/", "{}", "").status, 200);
}

TEST_F(ApiTest, MissingSlashRedirectsAndUnknownRoutesAre404) {
    const ApiReply moved = call("GET", "/api/v1/instances");
    EXPECT_EQ(moved.status, 301);
    EXPECT_EQ(moved.location, "/api/v1/instances/");
    EXPECT_EQ(call("GET", "/api/v0/nothing/").status, 404);
    EXPECT_EQ(call("PATCH", "/api/v0/instances/5/").status, 404);
}

TEST_F(ApiTest, TooFrequentCallsAreRefused) {
    EXPECT_EQ(call("GET", "/api/v0/users/current/").status, 200);
    EXPECT_EQ(call("GET", "/api/v1/instances/").status, 200);
    const ApiReply second = call_now("GET", "/api/v1/instances/");
    EXPECT_EQ(second.status, 429);
    EXPECT_NE(second.body.find("API requests too frequent"), std::string::npos);
}

TEST_F(ApiTest, InstanceKeyReachesItsOwnInstanceOnly) {
    const ContractNumber mine = rent_one("a");
    const ContractNumber other = rent_one("b");
    const std::string key = market_.contracts().at(mine).api_key;
    EXPECT_EQ(call("GET", instance_path(mine), "", key).status, 200);
    EXPECT_EQ(call("GET", instance_path(other), "", key).status, 401);
    EXPECT_EQ(call("DELETE", instance_path(other), "", key).status, 401);
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", key).status, 401);
    EXPECT_EQ(call("DELETE", instance_path(mine), "{}", key).status, 200);
    EXPECT_EQ(market_.find_listed(mine), nullptr);
    EXPECT_EQ(call("GET", instance_path(mine), "", key).status, 401);  // the key died with it
}

TEST_F(ApiTest, CallsAreCountedAndCreatesKeepTheirLabel) {
    rent_one("seen-label");
    const std::string log = calls_.to_json().to_text();
    EXPECT_NE(log.find(R"("route":"PUT /api/v0/asks/{id}/","status":200,"count":1)"),
              std::string::npos);
    EXPECT_NE(log.find("seen-label"), std::string::npos);
    EXPECT_EQ(log.find("demo"), std::string::npos);
}

}  // namespace
}  // namespace herder::vastsim
