#include "api/first_job.h"

#include "api/api_fixture.h"
#include "protocol/job_record_json.h"
#include "protocol/layout.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

// What a server left whose database is lost.
void leave_job(ApiRig& rig, JobId id) {
    protocol::JobRecord record;
    record.job = id;
    record.spec = ApiRig::spec("lost");
    EXPECT_TRUE(rig.objects.put(protocol::job_record_key(record.spec.team, id),
                                protocol::write_job_record(record, std::string(32, 'm')), false));
}

TEST(FirstJob, IsRefusedWhileTheStoreHoldsJobsThatTheDatabaseDoesNotKnow) {
    ApiRig rig;
    leave_job(rig, JobId{3});
    const Response refused = rig.submit(ApiRig::spec("new"), "key");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("v1/default/j3/job.json"));
    EXPECT_THAT(refused.body, HasSubstr("herder storage rebuild"));
    EXPECT_EQ(rig.post("/api/v1/storage/rebuild", "{}").status, 200);
    const Response taken = rig.submit(ApiRig::spec("new"), "key");
    EXPECT_EQ(taken.status, 201);
    EXPECT_THAT(taken.body, HasSubstr(R"("id":"j4")"));
}

TEST(FirstJob, WhatCannotBeTakenUpKeepsItsNumberAndIsInNobodysWay) {
    ApiRig rig;
    EXPECT_TRUE(rig.objects.put("v1/default/j8/attempts/1/probe", "", false));
    EXPECT_EQ(rig.submit(ApiRig::spec("new")).status, 409);
    EXPECT_EQ(rig.post("/api/v1/storage/rebuild", R"({"dry_run":true})").status, 200);
    EXPECT_EQ(rig.submit(ApiRig::spec("new")).status, 409);
    EXPECT_EQ(rig.post("/api/v1/storage/rebuild", "{}").status, 200);
    EXPECT_THAT(rig.submit(ApiRig::spec("new")).body, HasSubstr(R"("id":"j9")"));
}

TEST(FirstJob, IsTakenWhereTheStoreHoldsNoJob) {
    ApiRig rig;
    EXPECT_TRUE(rig.objects.put("workdirs/x", "folder", false));
    EXPECT_TRUE(rig.objects.put("v1/readme", "no run", false));
    EXPECT_EQ(rig.submit(ApiRig::spec("new")).status, 201);
    EXPECT_EQ(rig.submit(ApiRig::spec("next")).status, 201);
    // From then on these are its own.
    leave_job(rig, JobId{3});
    EXPECT_THAT(rig.submit(ApiRig::spec("third")).body, HasSubstr(R"("id":"j3")"));
}

TEST(FirstJob, AnOldDatabasePassesOverNumbersThatWereGivenSinceItsBackup) {
    FakeStore::Content kept;
    {
        ApiRig rig(kept);
        EXPECT_EQ(rig.submit(ApiRig::spec("new")).status, 201);
    }
    ApiRig rig(kept);
    EXPECT_TRUE(rig.objects.put("v1/default/j3/attempts/1/probe", "", false));
    EXPECT_TRUE(rig.objects.put("v1/default/j7/attempts/1/probe", "", false));
    EXPECT_THAT(rig.submit(ApiRig::spec("next")).body, HasSubstr(R"("id":"j8")"));
}

TEST(FirstJob, AnOldDatabaseTakesJobsWhileTheStoreDoesNotAnswer) {
    FakeStore::Content kept;
    {
        ApiRig rig(kept);
        EXPECT_EQ(rig.submit(ApiRig::spec("new")).status, 201);
    }
    ApiRig rig(kept);
    rig.objects.is_away = true;
    EXPECT_THAT(rig.submit(ApiRig::spec("next")).body, HasSubstr(R"("id":"j2")"));
}

TEST(FirstJob, IsRefusedWhileTheStoreDoesNotAnswer) {
    ApiRig rig;
    rig.objects.is_away = true;
    const Response refused = rig.submit(ApiRig::spec("new"), "key");
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr("whether the storage holds older jobs"));
    rig.objects.is_away = false;
    EXPECT_EQ(rig.submit(ApiRig::spec("new"), "key").status, 201);
}

}  // namespace
}  // namespace herder::api
