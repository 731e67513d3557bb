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

TEST_F(ApiTest, SettingsAreKeptButMoneyCannotBeSet) {
    EXPECT_EQ(call("PUT", "/api/v0/users/", R"({"balance_threshold":3,"credit":999})").status, 200);
    const Json user = json(call("GET", "/api/v0/users/current/"));
    EXPECT_EQ(user.find("balance_threshold")->to_integer().value(), 3);
    EXPECT_EQ(user.find("credit")->to_integer().value(), 100);
}

TEST_F(ApiTest, AuditLogsNameCreatesByTheirLabelAndNeverAKey) {
    rent_one("audited");
    const ApiReply reply = call("GET", "/api/v0/audit_logs/");
    EXPECT_NE(reply.body.find("audited"), std::string::npos);
    EXPECT_EQ(reply.body.find("demo"), std::string::npos);
    EXPECT_NE(json(reply).if_array()->front().find("api_route"), nullptr);
    EXPECT_EQ(call("GET", "/api/v0/users/me/ipaddrs").status, 200);  // documented without a slash
    EXPECT_EQ(call("GET", "/api/v0/health/", "", "").status, 200);
}

}  // namespace
}  // namespace herder::vastsim
