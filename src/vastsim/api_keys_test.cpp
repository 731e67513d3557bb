#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

constexpr const char* kKeys = "/api/v0/auth/apikeys/";

TEST_F(ApiTest, AKeyReachesWhatItsScopesGrant) {
    const Json made =
        json(call("POST", kKeys,
                  R"({"name":"narrow","permissions":{"api":{"misc":{},"instance_read":{}}}})"));
    const std::string key = text(made, "key");
    ASSERT_TRUE(key.starts_with("vast-"));
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", key).status, 200);
    const ApiReply refused = call("DELETE", instance_path(5), "", key);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(text(json(refused), "msg"), "Your key lacks the instance_write permission group");
    EXPECT_EQ(call("GET", "/api/v0/users/current/", "", key).status, 401);
    EXPECT_EQ(call("GET", kKeys).body.find(key), std::string::npos) << "shown only once";
    const std::string path = kKeys + made.find("id")->to_text() + "/";
    EXPECT_EQ(call("GET", path).status, 200);
    EXPECT_EQ(call("DELETE", path).body, "\"Successfully Deleted API Key\"");
    EXPECT_EQ(call("DELETE", path).status, 404);
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", key).status, 401) << "deleted";
}

TEST_F(ApiTest, AConstrainedKeyReadsTheLogsOfOneMachine) {
    const ContractNumber id = rent_one();
    const std::string number = std::to_string(id);
    const Json made = json(
        call("POST", kKeys,
             R"({"name":"logs","permissions":{"api":{"instance_read":{"api.instance.request_logs":
            {"constraints":{"id":{"eq":)" +
                 number + "}}}}}}}"));
    const std::string key = text(made, "key");
    const std::string logs = "/api/v0/instances/request_logs/";
    EXPECT_EQ(call("PUT", logs + number + "/", "{}", key).status, 200);
    EXPECT_EQ(call("PUT", logs + "7/", "{}", key).status, 401);
    EXPECT_EQ(call("GET", instance_path(id), "", key).status, 401);
}

TEST_F(ApiTest, KeysThatCannotBeMade) {
    EXPECT_EQ(text(json(call("POST", kKeys, R"({"name":"a"})")), "error"), "missing_permissions");
    EXPECT_EQ(text(json(call("POST", kKeys, R"({"name":"a","permissions":{"api":{"all":{}}}})")),
                   "error"),
              "invalid_permissions");
}

TEST_F(ApiTest, AfterAResetOnlyTheNewMainKeyWorks) {
    EXPECT_EQ(call("PUT", "/api/v0/commands/reset_apikey/", R"({"client_id":"me"})").status, 200);
    EXPECT_EQ(call("GET", "/api/v1/instances/").status, 401);
    EXPECT_EQ(call("GET", "/api/v1/instances/", "", api_.state().account.keys().front().key).status,
              200);
}

}  // namespace
}  // namespace herder::vastsim
