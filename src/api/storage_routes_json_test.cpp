#include "api/api_fixture.h"
#include "protocol/job_record_json.h"
#include "protocol/layout.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

struct StorageRoutes : ::testing::Test {
    StorageRoutes() {
        protocol::JobRecord record;
        record.job = JobId{7};
        record.spec = ApiRig::spec("lost");
        EXPECT_TRUE(rig.objects.put(protocol::job_record_key(record.spec.team, JobId{7}),
                                    protocol::write_job_record(record, std::string(32, 'm')),
                                    false));
    }
    ApiRig rig;
};

TEST_F(StorageRoutes, AJobThatOnlyTheStoreKnowsIsTakenUp) {
    const std::string dry = rig.post("/api/v1/storage/rebuild", R"({"dry_run":true})").body;
    EXPECT_THAT(
        dry,
        HasSubstr(
            R"({"id":"j7","name":"lost","checkpoints":0,"known":false,"newer_checkpoints":0})"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j7").status, 404);
    EXPECT_EQ(rig.post("/api/v1/storage/rebuild", "{}").status, 200);
    EXPECT_THAT(rig.get("/api/v1/jobs/j7").body, HasSubstr(R"("status":"paused")"));
    EXPECT_THAT(rig.post("/api/v1/storage/rebuild", "{}").body, HasSubstr(R"("known":true)"));
}

TEST_F(StorageRoutes, AManifestThatIsNotBelievedIsToldAndNobodyWaitsForIt) {
    const std::string name = make_checkpoint_name(50, Fence{2}, CheckpointId{9});
    rig.objects.content["v1/default/j7/ckpt/" + name + "/manifest.json"] = "torn";
    EXPECT_THAT(rig.post("/api/v1/storage/rebuild", "{}").body, HasSubstr(name));
    EXPECT_THAT(rig.get("/api/v1/jobs/j7/checkpoints").body, HasSubstr(R"("state":"deleted")"));
}

TEST_F(StorageRoutes, LogsThatTheStoreDoesNotLetGoOfAreTold) {
    EXPECT_EQ(rig.get("/api/v1/storage/deletions").body,
              R"({"waiting":0,"denied":0,"items":[],"logs":{"denied":0,"items":[]}})");
    rig.denied_logs = {{JobId{7}, 2, "deleting v1/a: 403 AccessDenied"}};
    EXPECT_THAT(
        rig.get("/api/v1/storage/deletions").body,
        HasSubstr(
            R"("logs":{"denied":1,"items":[{"job":"j7","tries":2,"why":"deleting v1/a: 403 AccessDenied"}]})"));
}

TEST_F(StorageRoutes, UnknownFieldsAreRefused) {
    EXPECT_EQ(rig.post("/api/v1/storage/rebuild", R"({"force":true})").status, 400);
}

}  // namespace
}  // namespace herder::api
