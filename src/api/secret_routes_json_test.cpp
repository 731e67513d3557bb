#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPath[] = "/api/v1/secrets/HF_TOKEN";
constexpr char kBody[] = R"({"value":"hf_canary-value"})";

Response put(ApiRig& rig, const std::string& path, const std::string& body) {
    return rig.call(ApiRig::request("PUT", path, {}, body));
}

TEST(SecretRoutes, AValueGoesInAndNeverComesOut) {
    ApiRig rig;
    const Response stored = put(rig, kPath, kBody);
    EXPECT_EQ(stored.status, 201) << stored.body;
    EXPECT_EQ(put(rig, kPath, kBody).status, 200);
    const Response list = rig.get("/api/v1/secrets");
    EXPECT_THAT(list.body, HasSubstr(R"("name":"HF_TOKEN")"));
    EXPECT_THAT(list.body + stored.body, Not(HasSubstr("canary")));
    EXPECT_EQ(rig.get(kPath).status, 405);
    EXPECT_EQ(rig.call(ApiRig::request("DELETE", kPath)).status, 200);
    EXPECT_EQ(rig.call(ApiRig::request("DELETE", kPath)).status, 404);
}

TEST(SecretRoutes, RefusalsDoNotRepeatTheValue) {
    ApiRig rig;
    for (const char* body : {R"({"value":"canry"})", R"({"valu":"hf_canary-value"})", "{}",
                             R"({"value":7})", R"("hf_canary-value")"}) {
        const Response refused = put(rig, kPath, body);
        EXPECT_EQ(refused.status, 400) << refused.body;
        EXPECT_THAT(refused.body, Not(HasSubstr("hf_canary")));
    }
    EXPECT_EQ(put(rig, "/api/v1/secrets/a-b", kBody).status, 400);
    EXPECT_EQ(rig.secrets.list()->size(), 0U);
}

TEST(SecretRoutes, AllNeedTheToken) {
    ApiRig rig;
    for (const auto& [method, path] :
         std::vector<std::pair<std::string, std::string>>{{"GET", "/api/v1/secrets"},
                                                          {"PUT", kPath},
                                                          {"DELETE", kPath},
                                                          {"POST", "/api/v1/secrets/rotate-key"}}) {
        Request wish = ApiRig::request(method, path, {}, kBody);
        wish.bearer = "wrong";
        EXPECT_EQ(rig.call(std::move(wish)).status, 401) << method;
    }
}

TEST(SecretRoutes, AJobThatNamesWhatIsNotStoredIsRefusedWithTheCommand) {
    ApiRig rig;
    JobSpec spec = ApiRig::spec("digits");
    spec.secrets = {{"HF_TOKEN", "HF_TOKEN", false}};
    const Response refused = rig.submit(spec);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("herder secrets set HF_TOKEN"));
    ASSERT_EQ(put(rig, kPath, kBody).status, 201);
    const Response taken = rig.submit(spec);
    EXPECT_EQ(taken.status, 201) << taken.body;
    EXPECT_THAT(rig.get("/api/v1/jobs/digits").body, Not(HasSubstr("canary")));
}

TEST(SecretRoutes, WhatALiveJobNeedsIsNotRemoved) {
    ApiRig rig;
    ASSERT_EQ(put(rig, kPath, kBody).status, 201);
    JobSpec spec = ApiRig::spec("digits");
    spec.secrets = {{"TOKEN", "HF_TOKEN", true}};
    ASSERT_EQ(rig.submit(spec).status, 201);
    const Response refused = rig.call(ApiRig::request("DELETE", kPath));
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("needed by j1"));
}

TEST(SecretRoutes, TheKeyIsRotated) {
    ApiRig rig;
    ASSERT_EQ(put(rig, kPath, kBody).status, 201);
    EXPECT_THAT(rig.post("/api/v1/secrets/rotate-key").body, HasSubstr(R"("secrets":1)"));
    EXPECT_EQ(rig.secrets.get("HF_TOKEN").value_or(""), "hf_canary-value");
}

}  // namespace
}  // namespace herder::api
