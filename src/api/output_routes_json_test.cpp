#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

TEST(OutputRoutes, ListsOutputsPageByPageAndSendsOne) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/outputs").body, HasSubstr(R"("items":[])"));
    rig.objects.content["v1/default/j1/outputs/a/model.bin"] = "12345";
    rig.objects.content["v1/default/j1/outputs/b"] = "1";
    const Response first = rig.get("/api/v1/jobs/j1/outputs", {{"limit", "1"}});
    EXPECT_THAT(first.body, HasSubstr(R"({"path":"a/model.bin","size_bytes":5,"sha256":null})"));
    EXPECT_THAT(first.body, HasSubstr(R"("next_cursor":"a/model.bin")"));
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/outputs", {{"cursor", "a/model.bin"}}).body,
                HasSubstr(R"("items":[{"path":"b")"));
    rig.objects.content["v1/default/j1/outputs.sha256"] = sha256_hex("1") + "  outputs/b\n";
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/outputs").body,
                HasSubstr(R"({"path":"b","size_bytes":1,"sha256":")" + sha256_hex("1") + "\""))
        << "as the machine told it";
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs", {{"cursor", "gone"}}).status, 400);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs/a/model.bin").status, 307);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs/c").status, 404);
    const Response link = rig.get("/api/v1/jobs/j1/outputs/a/model.bin", {{"link", "true"}});
    EXPECT_EQ(link.status, 200);
    EXPECT_THAT(link.body,
                HasSubstr(R"({"url":"get:v1/default/j1/outputs/a/model.bin","expires_at":"20)"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs/c", {{"link", "true"}}).status, 404);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs/b", {{"link", "perhaps"}}).status, 400);
}

TEST(OutputRoutes, HashesWhatLiesInLocalFiles) {
    ApiRig rig;
    Api local{
        {rig.engine, rig.store, rig.objects, rig.provider_runner, rig.logs, rig.feed, rig.secrets},
        {sha256_hex("secret"),
         "1.2.3",
         1000,
         [&rig] { return rig.clock.wall(); },
         "default",
         {},
         {},
         {},
         [&rig](const std::string&) -> Result<std::string> { return rig.folder + "/model.bin"; },
         {}}};
    const auto get = [&](const std::string& path, std::map<std::string, std::string> query = {}) {
        auto recorded = std::make_shared<Recorded>(ApiRig::request("GET", path, std::move(query)));
        local.handle(recorded->request, std::make_shared<RecordingExchange>(recorded));
        return ApiRig::answer_of(*recorded);
    };
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    rig.objects.content["v1/default/j1/outputs/model.bin"] = "12345";
    (void)rig.write_file("model.bin", "12345");
    EXPECT_THAT(get("/api/v1/jobs/j1/outputs").body,
                HasSubstr(R"("sha256":")" + sha256_hex("12345") + "\""));
    EXPECT_EQ(get("/api/v1/jobs/j1/outputs/model.bin").file, rig.folder + "/model.bin");
    EXPECT_EQ(get("/api/v1/jobs/j1/outputs/model.bin", {{"link", "true"}}).body,
              R"({"url":null,"expires_at":null})");
}

}  // namespace
}  // namespace herder::api
