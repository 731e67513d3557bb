#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, LogsLieAtAnAddressWithoutAKeyAfterAWhile) {
    api_.state().public_url = "http://market";
    api_.state().read_log = [](ContractNumber) { return "one\ntwo\nthree\n"; };
    const ContractNumber id = rent_one();
    const std::string path = "/api/v0/instances/request_logs/" + std::to_string(id);
    const Json reply = json(call_now("PUT", path, R"({"tail":"2"})"));  // without a slash
    const std::string url = text(reply, "result_url");
    ASSERT_TRUE(url.starts_with("http://market/vast.ai/instance_logs/"));
    const std::string object = url.substr(std::string("http://market").size());
    EXPECT_EQ(call_now("GET", object, "", "").status, 403);
    market_.advance(market_.now() + seconds(5));
    EXPECT_EQ(call_now("GET", object, "", "").body, "two\nthree\n");
    const Json filtered = json(call("PUT", path + "/", R"({"filter":"t"})"));
    market_.advance(market_.now() + seconds(5));
    EXPECT_EQ(call_now("GET", text(filtered, "result_url").substr(13), "", "").body,
              "two\nthree\n");
    EXPECT_EQ(text(json(call("PUT", "/api/v0/instances/request_logs/5/", "{}")), "error"),
              "invalid_id");
}

TEST_F(ApiTest, CommandsRunOnStoppedMachinesOnly) {
    api_.state().public_url = "http://market";
    api_.state().run_command = [](ContractNumber, const std::string& command) {
        return "did " + command + "\n";
    };
    const ContractNumber id = rent_one();
    const std::string path = "/api/v0/instances/command/" + std::to_string(id) + "/";
    market_.advance(market_.now() + minutes(2));
    EXPECT_EQ(text(json(call("PUT", path, R"({"command":"ls"})")), "error"), "invalid_container");
    market_.stop(id);
    market_.advance(market_.now() + minutes(1));
    EXPECT_EQ(call("PUT", path, R"({"command":"cat /etc/passwd"})").status, 400);
    EXPECT_EQ(call("PUT", path, "{").status, 483);
    const Json done = json(call("PUT", path, R"({"command":"ls -l /workspace"})"));
    market_.advance(market_.now() + seconds(5));
    EXPECT_EQ(call_now("GET", text(done, "result_url").substr(13), "", "").body,
              "did ls -l /workspace\n");
}

}  // namespace
}  // namespace herder::vastsim
