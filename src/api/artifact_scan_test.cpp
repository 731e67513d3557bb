#include "api/artifact_scan.h"

#include <gtest/gtest.h>

#include "ports/fake_uploads_fixture.h"
#include "protocol/job_record_json.h"
#include "protocol/layout.h"
#include "protocol/manifest_json.h"
#include "protocol/report_json.h"

namespace herder::api {
namespace {

struct ArtifactScan : ::testing::Test {
    const std::string key = std::string(32, 'k');
    FakeUploadStore store;
    protocol::JobRecord record;

    ArtifactScan() {
        record.job = JobId{7};
        record.spec.name = "digits";
        record.spec.team = "team";
        record.submitted = WallTime{1'700'000'000'000'000};
        store.objects[protocol::job_record_key("team", JobId{7})] =
            protocol::write_job_record(record, key);
        add(4, 1, 1);
        add(9, 2, 2);
    }
    Checkpoint add(std::uint64_t id, std::uint64_t fence, std::uint64_t seq) {
        Checkpoint one;
        one.id = CheckpointId{id};
        one.attempt = {JobId{7}, Fence{fence}};
        one.step = static_cast<std::int64_t>(seq) * 10;
        one.name = make_checkpoint_name(one.step, one.attempt.fence, one.id);
        one.files = {{"state.json", Bytes{5}, 7, 0644}};
        store.objects[key_of(one, "o/0000")] = "hello";
        store.objects[key_of(one, "manifest.json")] = protocol::write_manifest(one, seq, key);
        return one;
    }
    static std::string key_of(const Checkpoint& one, const std::string& object) {
        return protocol::checkpoint_key("team", one, object);
    }
    ScanReport scan(bool trusts_all = false, const std::string& with = std::string(32, 'k')) {
        auto report = scan_artifacts(store, with, trusts_all);
        EXPECT_TRUE(report) << report.error().message;
        return report.value_or(ScanReport{});
    }
};

TEST_F(ArtifactScan, FindsJobsTheirCheckpointsAndTheHighestFence) {
    store.objects["v1/team/j7/attempts/3/probe"] = "";
    const ScanReport report = scan();
    ASSERT_EQ(report.jobs.size(), 1U);
    EXPECT_EQ(report.jobs[0].spec, record.spec);
    EXPECT_EQ(report.jobs[0].fence, Fence{3});
    ASSERT_EQ(report.jobs[0].checkpoints.size(), 2U);
    EXPECT_EQ(report.jobs[0].checkpoints[1].id, CheckpointId{9});
    EXPECT_EQ(report.jobs[0].checkpoints[1].commit_seq, 2U);
    EXPECT_FALSE(report.jobs[0].outcome);
    EXPECT_TRUE(report.skipped.empty());
    EXPECT_EQ(report.highest, JobId{7});
}

TEST_F(ArtifactScan, NumbersOfCheckpointsThatWereNeverVisibleCountAsWell) {
    EXPECT_EQ(scan().highest_checkpoint, CheckpointId{9});
    store.objects["v1/team/j7/outputs/ckpt/000000000070-a000009-k90/o/0000"] = "";
    store.objects["v1/team/j7/ckpt/000000000070-a000004-k21/o/0000"] = "hello";
    EXPECT_EQ(scan().highest_checkpoint, CheckpointId{21});
    EXPECT_EQ(scan().jobs.at(0).fence, Fence{4});
    (void)*store.create("v1/team/j9/ckpt/000000000070-a000006-k30/o/0000");
    (void)*store.create("v1/team/j7/ckpt/000000000080-a000006-k29/o/0000");
    EXPECT_EQ(scan().highest_checkpoint, CheckpointId{30});
    EXPECT_EQ(scan().highest, JobId{9});
    EXPECT_EQ(scan().jobs.at(0).fence, Fence{6});
    EXPECT_EQ(scan().jobs.at(0).checkpoints.size(), 2U);
}

TEST_F(ArtifactScan, AJobThatLeftNoRecordHasItsNumberAllTheSame) {
    store.objects["v1/team/j11/attempts/1/probe"] = "";
    EXPECT_EQ(scan().highest, JobId{11});
    EXPECT_EQ(scan().jobs.size(), 1U);
}

TEST_F(ArtifactScan, AnOutcomeOfTheLastAttemptCounts) {
    store.objects["v1/team/j7/attempts/2/outcome.json"] = protocol::to_json(AttemptOutcome{});
    EXPECT_TRUE(scan().jobs.at(0).outcome);
    store.objects["v1/team/j7/attempts/3/probe"] = "";
    EXPECT_FALSE(scan().jobs.at(0).outcome) << "an attempt came after it";
}

TEST_F(ArtifactScan, ACheckpointWithoutItsObjectsIsNone) {
    const Checkpoint torn = add(12, 2, 3);
    store.objects.erase(key_of(torn, "o/0000"));
    ScanReport report = scan();
    EXPECT_EQ(report.jobs.at(0).checkpoints.size(), 2U);
    ASSERT_EQ(report.skipped.size(), 1U);
    EXPECT_NE(report.skipped[0].why.find("missing"), std::string::npos);
    EXPECT_EQ(report.skipped[0].checkpoint, torn.name);
    store.objects[key_of(torn, "o/0000")] = "hell";
    EXPECT_EQ(scan().jobs.at(0).checkpoints.size(), 2U);
}

TEST_F(ArtifactScan, WhatOthersWroteIsNotBelieved) {
    const Checkpoint forged = add(12, 2, 3);
    store.objects[key_of(forged, "manifest.json")] =
        protocol::write_manifest(forged, 3, std::string(32, 'x'));
    EXPECT_EQ(scan().jobs.at(0).checkpoints.size(), 2U);
    EXPECT_EQ(scan().skipped.size(), 1U);
    // A manifest that is good, but lies at another's place.
    const Checkpoint other = add(13, 2, 4);
    store.objects[key_of(forged, "manifest.json")] = store.objects[key_of(other, "manifest.json")];
    EXPECT_EQ(scan().jobs.at(0).checkpoints.size(), 3U);
}

TEST_F(ArtifactScan, WithoutItsKeyNothingIsBelievedUnlessAsked) {
    const std::string lost(32, 'x');
    EXPECT_TRUE(scan(false, lost).jobs.empty());
    EXPECT_EQ(scan(true, lost).jobs.at(0).checkpoints.size(), 2U);
}

}  // namespace
}  // namespace herder::api
