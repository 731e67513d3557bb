#include "engine/run_look.h"

#include <gtest/gtest.h>

#include "ports/fake_uploads_fixture.h"

namespace herder {
namespace {

const std::string kRun = "v1/t/j1/";

struct RunLooks : ::testing::Test {
    FakeUploadStore store;

    static RunLookHooks hooks() {
        RunLookHooks made;
        made.run_prefix = [](const std::string&, JobId) { return kRun; };
        made.checkpoints_prefix = [](const std::string&, JobId) { return kRun + "ckpt/"; };
        made.attempt_prefix = [](const std::string&, AttemptKey key) {
            return kRun + "attempts/" + std::to_string(key.fence.value) + "/";
        };
        made.checkpoint_key = [](const std::string&, const Checkpoint& one,
                                 const std::string& object) {
            return kRun + "ckpt/" + one.name + "/" + object;
        };
        made.job_record_key = [](const std::string&, JobId) { return kRun + "job.json"; };
        made.submitted_of = [](const std::string& text) {
            return WallTime{text == "sealed" ? 42 : 0};
        };
        return made;
    }
    static Checkpoint checkpoint(std::uint64_t id, std::uint64_t fence) {
        Checkpoint one;
        one.id = CheckpointId{id};
        one.name = make_checkpoint_name(static_cast<std::int64_t>(id) * 10, Fence{fence}, one.id);
        return one;
    }
    void put(const Checkpoint& one, const std::string& object) {
        store.objects[kRun + "ckpt/" + one.name + "/" + object] = "x";
    }
    Result<input::RunSeen> look(std::uint64_t fence, std::optional<Checkpoint> resume = {}) {
        return look_at_run(store, hooks(), {JobId{1}, Fence{fence}, "t", std::move(resume)});
    }
    bool is_denied(Error error) {
        store.list_refusal = std::move(error);
        return look_failed(JobId{1}, look(0).error()).denied;
    }
};

TEST_F(RunLooks, AJobThatHasNothingThereIsEmpty) {
    store.objects["v1/t/j11/job.json"] = "of another";
    const auto seen = look(0);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->is_empty);
    EXPECT_EQ(seen->fence, Fence{});
}

TEST_F(RunLooks, TellsManifestsAndTheHighestNumbers) {
    put(checkpoint(3, 1), "manifest.json");
    put(checkpoint(3, 1), "o/0000");
    put(checkpoint(9, 4), "o/0000");
    store.objects[kRun + "ckpt/foreign/manifest.json"] = "x";
    const auto seen = look(2);
    ASSERT_TRUE(seen);
    EXPECT_FALSE(seen->is_empty);
    EXPECT_EQ(seen->manifests, std::vector{checkpoint(3, 1).name});
    EXPECT_EQ(seen->highest, CheckpointId{9});
    EXPECT_EQ(seen->fence, Fence{4});
}

TEST_F(RunLooks, AnUploadThatWasNeverCompletedHasItsNumbers) {
    store.objects[kRun + "attempts/1/probe"] = "";
    (void)*store.create(kRun + "ckpt/" + checkpoint(7, 5).name + "/o/0000");
    EXPECT_EQ(look(1)->highest, CheckpointId{7});
    EXPECT_EQ(look(1)->fence, Fence{5});
}

TEST_F(RunLooks, AttemptsThatLeftAnythingAreFoundOverAGap) {
    store.objects[kRun + "attempts/2/logs/out/x"] = "";
    EXPECT_EQ(look(2)->fence, Fence{}) << "its own newest is none of another time";
    store.objects[kRun + "attempts/3/probe"] = "";
    store.objects[kRun + "attempts/5/outcome.json"] = "";
    EXPECT_EQ(look(2)->fence, Fence{5});
}

TEST_F(RunLooks, WhatTheAttemptWouldGoOnFromIsMissed) {
    put(checkpoint(3, 1), "manifest.json");
    EXPECT_EQ(look(1, checkpoint(3, 1))->gone, CheckpointId{});
    store.objects.clear();
    EXPECT_EQ(look(1, checkpoint(3, 1))->gone, CheckpointId{3});
}

TEST_F(RunLooks, AStoreThatDoesNotAnswerTellsNothing) {
    store.is_away = true;
    const auto seen = look(0);
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, ErrorCode::kUnavailable);
    const input::RunLookFailed failed = look_failed(JobId{1}, seen.error());
    EXPECT_EQ(failed.job, JobId{1});
    EXPECT_FALSE(failed.denied);
    EXPECT_EQ(failed.detail, "listing " + kRun + ": 503 Slow Down");
}

TEST_F(RunLooks, ANoAndAMissingBucketAreForAPerson) {
    EXPECT_TRUE(is_denied({ErrorCode::kForbidden, "403 AccessDenied"}));
    EXPECT_TRUE(is_denied(not_found("404 NoSuchBucket")));
    EXPECT_FALSE(is_denied({ErrorCode::kUnauthenticated, "ended, fetched again"}));
    EXPECT_FALSE(is_denied({ErrorCode::kTimedOut, "no answer"}));
}

TEST_F(RunLooks, TheRecordThereTellsWhoseFilesTheyAre) {
    put(checkpoint(3, 1), "manifest.json");
    EXPECT_EQ(look(0)->submitted, WallTime{}) << "there is none";
    store.objects[kRun + "job.json"] = "of another cluster";
    EXPECT_EQ(look(0)->submitted, WallTime{});
    store.objects[kRun + "job.json"] = "sealed";
    EXPECT_EQ(look(0)->submitted, WallTime{42});
    EXPECT_EQ(look(1)->submitted, WallTime{}) << "an attempt is known: nobody asks";
}

}  // namespace
}  // namespace herder
