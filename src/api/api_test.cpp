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
    EXPECT_EQ(rig.call(wish).body, R"({"version":"1.2.3","api":1,"agent_protocol":2})");
}

TEST(Api, AnswersNotFoundForRoutesThatDoNotExist) {
    ApiRig rig;
    for (const char* path : {"/", "/api/v2/jobs", "/api/v1/nothing", "/api/v1/cost",
                             "/api/v1/jobs/j1/logs/more", "/api/v1/problems/hunger"}) {
        const Response response = rig.get(path);
        EXPECT_EQ(response.status, 404) << path;
        EXPECT_THAT(response.body, HasSubstr(R"("code":"NOT_FOUND")"));
    }
}

TEST(Api, NamesTheMethodsThatAPathHas) {
    ApiRig rig;
    const std::map<std::pair<const char*, const char*>, const char*> wrong = {
        {{"DELETE", "/api/v1/jobs"}, "GET, POST"},
        {{"GET", "/api/v1/jobs/j1/cancel"}, "POST"},
        {{"POST", "/api/v1/budgets"}, "GET, PUT"}};
    for (const auto& [request, allowed] : wrong) {
        const Response response = rig.call(ApiRig::request(request.first, request.second));
        EXPECT_EQ(response.status, 405) << request.second;
        EXPECT_THAT(response.headers, ::testing::Contains(std::pair("Allow", allowed)));
        EXPECT_THAT(response.body, HasSubstr(R"("code":"METHOD_NOT_ALLOWED")"));
    }
}

TEST(Api, EveryAnswerHasAnIdOfItsOwnAndProblemsRepeatIt) {
    ApiRig rig;
    std::set<std::string> ids;
    for (const char* path : {"/api/v1/jobs", "/api/v1/jobs/j7", "/api/v1/health", "/"}) {
        const Response response = rig.get(path);
        ASSERT_FALSE(response.headers.empty()) << path;
        const auto [name, id] = response.headers.back();
        EXPECT_EQ(name, "X-Request-Id");
        EXPECT_TRUE(ids.insert(id).second);
        if (response.status < 400) continue;
        EXPECT_THAT(response.body, HasSubstr(R"("request_id":")" + id + "\""));
        EXPECT_THAT(response.body, HasSubstr(R"("instance":")" + std::string(path) + "\""));
    }
}

TEST(Api, RefusesQueryParametersThatItDoesNotKnow) {
    ApiRig rig;
    const Response response = rig.get("/api/v1/jobs", {{"statsu", "queued"}, {"limit", "3"}});
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr(R"("pointer":"?statsu")"));
    EXPECT_THAT(response.body, HasSubstr(R"("suggestion":"status")"));
}

TEST(Api, RefusesAnUploadWithoutATokenByItsHead) {
    ApiRig rig;
    Request wish = ApiRig::request("PUT", "/api/v1/workdirs/" + sha256_hex("x"));
    EXPECT_FALSE(rig.api.refuse_head(wish));
    wish.bearer = "wrong";
    const auto refused = rig.api.refuse_head(wish);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401);
    wish.path = "/api/v1/health";
    wish.method = "GET";
    EXPECT_FALSE(rig.api.refuse_head(wish));
}

TEST(Api, ExplainsItsProblems) {
    ApiRig rig;
    EXPECT_THAT(rig.get("/api/v1/problems").body, HasSubstr("/api/v1/problems/budget-exceeded"));
    const Response one = rig.get("/api/v1/problems/budget-exceeded");
    EXPECT_EQ(one.status, 200);
    EXPECT_THAT(one.body, HasSubstr(R"("status":409)"));
}

}  // namespace
}  // namespace herder::api
