#include "api/api.h"

#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

TEST(Api, RefusesWhoeverHasNotTheToken) {
    ApiRig rig;
    for (const char* bearer : {"", "wrong", "secret "}) {
        Request wish = ApiRig::request("GET", "/api/v1/jobs");
        wish.bearer = bearer;
        const Response response = rig.call(wish);
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(response.content_type, "application/problem+json");
        EXPECT_THAT(response.body, HasSubstr(R"("code":"UNAUTHENTICATED")"));
    }
}

TEST(Api, TellsHealthAndVersionToAnybody) {
    ApiRig rig;
    Request wish = ApiRig::request("GET", "/api/v1/health");
    wish.bearer = "";
    EXPECT_EQ(rig.call(wish).body, R"({"status":"ok","leading":true})");
    wish.path = "/api/v1/version";
    EXPECT_EQ(rig.call(wish).body, R"({"version":"1.2.3","api":1,"agent_protocol":1})");
}

TEST(Api, AnswersNotFoundForRoutesThatDoNotExist) {
    ApiRig rig;
    const std::vector<std::pair<const char*, const char*>> wrong = {
        {"GET", "/"},
        {"GET", "/api/v2/jobs"},
        {"GET", "/api/v1/nothing"},
        {"DELETE", "/api/v1/jobs"},
        {"GET", "/api/v1/jobs/j1/cancel"},
        {"POST", "/api/v1/jobs/j1/explode"},
        {"GET", "/api/v1/cost"},
        {"POST", "/api/v1/budgets"},
        {"GET", "/api/v1/jobs/j1/logs/more"}};
    for (const auto& [method, path] : wrong) {
        const Response response = rig.call(ApiRig::request(method, path));
        EXPECT_EQ(response.status, 404) << method << " " << path;
        EXPECT_THAT(response.body, HasSubstr(R"("code":"NOT_FOUND")"));
    }
}

}  // namespace
}  // namespace herder::api
