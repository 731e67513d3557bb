// On a store that takes objects in parts; more, with whole objects, in artifact_runner_test.cpp.
#include "engine/checkpoint_commit.h"

#include <gtest/gtest.h>

#include "ports/fake_uploads_fixture.h"

namespace herder {
namespace {

constexpr WallTime kNow{1'800'000'000'000'000};

struct CheckpointCommits : ::testing::Test {
    FakeUploadStore store;
    CheckpointCommit commit{store, hooks()};

    static CheckpointCommit::Hooks hooks() {
        CheckpointCommit::Hooks hooks;
        hooks.is_in_use = [](const std::string& key) { return key.find("/live/") != key.npos; };
        hooks.checkpoint_key = [](const std::string&, const Checkpoint& checkpoint,
                                  const std::string& object) {
            return "v1/t/j1/ckpt/" + checkpoint.name + "/" + object;
        };
        hooks.manifest_text = [](const Checkpoint&, std::uint64_t) { return "manifest"; };
        hooks.job_record_key = [](const std::string&, JobId) { return "v1/t/j1/job.json"; };
        hooks.job_record = [](JobId) { return "record"; };
        return hooks;
    }
    static Checkpoint checkpoint() {
        Checkpoint made;
        made.name = "c";
        made.files = {{"a", Bytes{15}, 0, 0644}, {"empty", Bytes{0}, 0, 0644}};
        return made;
    }
    std::string begin(const std::string& key, std::vector<std::int64_t> sizes) {
        const std::string name = *store.create(key);
        store.uploads[name].started = kNow;
        for (std::size_t i = 0; i < sizes.size(); ++i)
            store.receive(name, static_cast<int>(i) + 1, Bytes{sizes[i]});
        return name;
    }
    input::ManifestWritten write() {
        return commit.write(effect::WriteManifest{checkpoint(), 1, "t"});
    }
};

TEST_F(CheckpointCommits, CompletesObjectsThenWritesTheManifest) {
    begin("v1/t/j1/ckpt/c/o/0000", {10, 5});
    const auto written = write();
    EXPECT_EQ(written.outcome, input::CallOutcome::kDone) << written.detail;
    EXPECT_TRUE(store.objects.contains("v1/t/j1/ckpt/c/o/0000"));
    EXPECT_TRUE(store.objects.contains("v1/t/j1/ckpt/c/o/0001"));
    EXPECT_EQ(store.objects.at("v1/t/j1/ckpt/c/manifest.json"), "manifest");
    EXPECT_EQ(store.objects.at("v1/t/j1/job.json"), "record");
    EXPECT_FALSE(written.verified) << "the store told no checksums";
    EXPECT_TRUE(store.uploads.empty());
}

TEST_F(CheckpointCommits, WritesNoManifestWhileAPartIsMissing) {
    begin("v1/t/j1/ckpt/c/o/0000", {10});
    EXPECT_EQ(write().outcome, input::CallOutcome::kUnknown) << "a listing may lag";
    const auto written = write();
    EXPECT_EQ(written.outcome, input::CallOutcome::kRefused);
    EXPECT_NE(written.detail.find("not the whole object"), std::string::npos);
    EXPECT_TRUE(store.objects.empty());
}

TEST_F(CheckpointCommits, PartThatIsListedLateCounts) {
    const std::string upload = begin("v1/t/j1/ckpt/c/o/0000", {10});
    EXPECT_EQ(write().outcome, input::CallOutcome::kUnknown);
    store.receive(upload, 2, Bytes{5});
    EXPECT_EQ(write().outcome, input::CallOutcome::kDone);
}

TEST_F(CheckpointCommits, OtherChecksumsAreRefusedAtOnce) {
    const std::string upload = begin("v1/t/j1/ckpt/c/o/0000", {});
    store.receive(upload, 1, Bytes{15}, 99);
    EXPECT_EQ(write().outcome, input::CallOutcome::kRefused);
}

TEST_F(CheckpointCommits, ANoForWhichTheCheckpointIsNotToBlameIsToldAsSuch) {
    begin("v1/t/j1/ckpt/c/o/0000", {10, 5});
    for (const ErrorCode code : {ErrorCode::kForbidden, ErrorCode::kInvalid}) {
        store.refusal = Error{code, "403 AccessDenied"};
        const auto written = write();
        EXPECT_EQ(written.outcome, input::CallOutcome::kUnknown);
        EXPECT_TRUE(written.denied);
    }
    for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kUnauthenticated}) {
        store.refusal = Error{code, "no answer, or credentials that are fetched again"};
        const auto written = write();
        EXPECT_EQ(written.outcome, input::CallOutcome::kUnknown);
        EXPECT_FALSE(written.denied);
    }
    store.refusal.reset();
    EXPECT_EQ(write().outcome, input::CallOutcome::kDone);
}

TEST_F(CheckpointCommits, RepeatsAManifestButNeverReplacesOne) {
    store.objects["v1/t/j1/ckpt/c/o/0000"] = std::string(15, 'x');
    store.objects["v1/t/j1/ckpt/c/o/0001"] = "";
    store.objects["v1/t/j1/ckpt/c/manifest.json"] = "manifest";
    EXPECT_EQ(write().outcome, input::CallOutcome::kDone);
}

TEST_F(CheckpointCommits, ADifferentManifestIsRefused) {
    store.objects["v1/t/j1/ckpt/c/o/0000"] = std::string(15, 'x');
    store.objects["v1/t/j1/ckpt/c/o/0001"] = "";
    store.objects["v1/t/j1/ckpt/c/manifest.json"] = "of somebody else";
    EXPECT_EQ(write().outcome, input::CallOutcome::kRefused);
    EXPECT_EQ(store.objects.at("v1/t/j1/ckpt/c/manifest.json"), "of somebody else");
}

TEST_F(CheckpointCommits, DeletionTakesWhatIsOnItsWayAsWell) {
    store.objects["v1/t/j1/ckpt/c/o/0000"] = "x";
    begin("v1/t/j1/ckpt/c/o/0001", {1});
    begin("v1/t/j1/ckpt/other/o/0000", {1});
    const auto deleted = commit.remove(effect::DeleteObjects{checkpoint(), "t"});
    EXPECT_EQ(deleted.outcome, input::CallOutcome::kDone);
    EXPECT_TRUE(store.objects.empty());
    EXPECT_EQ(store.uploads.size(), 1U);
}

TEST_F(CheckpointCommits, DeletionThatLeavesAnUploadIsAskedForAgain) {
    begin("v1/t/j1/ckpt/c/o/0001", {1});
    store.fails_to_abort = true;
    const effect::DeleteObjects deletion{checkpoint(), "t"};
    const auto left = commit.remove(deletion);
    EXPECT_EQ(left.outcome, input::CallOutcome::kUnknown);
    EXPECT_NE(left.detail.find("an upload of v1/t/j1/ckpt/c/o/0001"), std::string::npos);
    store.fails_to_abort = false;
    EXPECT_EQ(commit.remove(deletion).outcome, input::CallOutcome::kDone);
    EXPECT_TRUE(store.uploads.empty());
}

TEST_F(CheckpointCommits, ADeletionThatIsDeniedSaysWhatAndWhy) {
    store.objects["v1/t/j1/ckpt/c/manifest.json"] = "manifest";
    const effect::DeleteObjects deletion{checkpoint(), "t"};
    store.remove_refusal = Error{ErrorCode::kForbidden, "403 AccessDenied"};
    const auto denied = commit.remove(deletion);
    EXPECT_EQ(denied.outcome, input::CallOutcome::kUnknown);
    EXPECT_TRUE(denied.denied);
    EXPECT_EQ(denied.detail, "deleting v1/t/j1/ckpt/c/manifest.json: 403 AccessDenied");
    store.remove_refusal = unavailable("503 Slow Down");
    EXPECT_FALSE(commit.remove(deletion).denied);
    store.remove_refusal.reset();
    EXPECT_EQ(commit.remove(deletion).outcome, input::CallOutcome::kDone);
    EXPECT_TRUE(store.objects.empty());
}

TEST_F(CheckpointCommits, UploadsThatNobodyFinishesAreGivenUpAfterAWeek) {
    store.uploads[begin("v1/t/j1/ckpt/old/o/0000", {1})].started = WallTime{kNow.us - days(8).us};
    store.uploads[begin("v1/t/j1/ckpt/new/o/0000", {1})].started = WallTime{kNow.us - days(6).us};
    store.uploads[begin("v1/t/j1/outputs/old/a", {1})].started = WallTime{kNow.us - days(8).us};
    store.uploads[begin("v1/t/j1/outputs/new/a", {1})].started = WallTime{kNow.us - days(6).us};
    store.uploads[begin("v1/t/j1/outputs/live/a", {1})].started = WallTime{kNow.us - days(80).us};
    store.uploads[begin("v1/t/j1/ckpt/untold/o/0000", {1})].started = WallTime{};
    store.uploads[begin("elsewhere/o", {1})].started = WallTime{};
    commit.sweep(kNow);
    ASSERT_EQ(store.uploads.size(), 5U);
    for (const auto& [name, upload] : store.uploads)
        EXPECT_EQ(upload.key.find("/old/"), std::string::npos);
}

TEST(ObjectName, CountsWithFourDigits) {
    EXPECT_EQ(object_name(7), "o/0007");
    EXPECT_EQ(object_name(12345), "o/12345");
}

}  // namespace
}  // namespace herder
