#include "engine/artifact_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "base/digest.h"

namespace herder {
namespace {

// Objects in memory; single keys can be made to fail.
class MapStore : public ObjectStore {
  public:
    Status put(const std::string& key, const std::string& data, bool only_if_absent) override {
        if (failing == key) return Error{failure, "503"};
        if (only_if_absent && objects.contains(key))
            return Error{ErrorCode::kConflict, "there already"};
        objects[key] = data;
        return ok();
    }
    Result<std::string> get(const std::string& key, std::size_t limit) override {
        if (failing == key) return Error{failure, "503"};
        if (!objects.contains(key)) return not_found(key);
        if (objects.at(key).size() > limit) return invalid("larger than expected");
        return objects.at(key);
    }
    Result<ObjectInfo> head(const std::string& key) override {
        if (failing == key) return Error{failure, "503"};
        if (!objects.contains(key)) return not_found(key);
        const Bytes size{static_cast<std::int64_t>(objects.at(key).size())};
        return ObjectInfo{key, size, crc32c, {}};
    }
    Result<std::vector<ObjectInfo>> list(const std::string&, std::size_t) override {
        return std::vector<ObjectInfo>{};
    }
    Status remove(const std::string& key) override {
        if (failing == key) return Error{failure, "503"};
        removed.push_back(key);
        if (objects.erase(key) == 0) return not_found(key);
        return ok();
    }
    Result<std::string> sign(UrlVerb, const std::string& key, WallTime) override { return key; }

    // Set before the runner starts on an effect, read after its answer came.
    std::map<std::string, std::string> objects;
    std::vector<std::string> removed;
    std::string failing;
    ErrorCode failure = ErrorCode::kUnavailable;
    std::optional<std::uint32_t> crc32c;
};

struct ArtifactRunnerTest : testing::Test {
    MapStore store;
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<InputBody> posted;  // guarded by mutex
    std::atomic<bool> is_stopping = false;
    std::function<void(const InputBody&)> on_post;  // on the runner's thread; set before it works
    ArtifactRunner runner{store, hooks()};

    ArtifactRunner::Hooks hooks() {
        ArtifactRunner::Hooks hooks;
        hooks.post = [this](InputBody body) {
            const std::lock_guard lock(mutex);
            posted.push_back(std::move(body));
            arrived.notify_all();
            if (on_post) on_post(posted.back());
        };
        hooks.job_record_key = [](const std::string& team, JobId job) {
            return team + "/" + to_text(job) + "/job.json";
        };
        hooks.job_record = [](JobId job) { return "record of " + to_text(job); };
        hooks.is_stopping = [this] { return is_stopping.load(); };
        hooks.run_look.run_prefix = [](const std::string& team, JobId) { return team + "/"; };
        hooks.run_look.checkpoints_prefix = [](const std::string& team, JobId) {
            return team + "/ckpt/";
        };
        hooks.run_look.attempt_prefix = [](const std::string& team, AttemptKey) {
            return team + "/none/";
        };
        hooks.run_look.checkpoint_key = [](const std::string& team, const Checkpoint& checkpoint,
                                           const std::string& object) {
            return team + "/" + checkpoint.name + "/" + object;
        };
        hooks.checkpoint_key = [](const std::string& team, const Checkpoint& checkpoint,
                                  const std::string& object) {
            return team + "/" + checkpoint.name + "/" + object;
        };
        hooks.manifest_text = [](const Checkpoint& checkpoint, std::uint64_t seq) {
            return checkpoint.name + " " + std::to_string(seq);
        };
        hooks.outcome_key = [](const std::string& team, AttemptKey key) {
            return team + "/outcome/" + std::to_string(key.fence.value);
        };
        hooks.parse_outcome = [](const std::string& text) -> Result<AttemptOutcome> {
            if (text != "done") return not_found("no outcome");
            return AttemptOutcome{EndReason::kSucceeded, 0, ""};
        };
        return hooks;
    }
    template <class T>
    T answer_to(const Effect& effect) {
        EXPECT_TRUE(runner.take(effect));
        std::unique_lock lock(mutex);
        arrived.wait(lock, [this] { return !posted.empty(); });
        EXPECT_EQ(posted.size(), 1U);
        const T answer = std::get<T>(posted.back());
        posted.clear();
        return answer;
    }
    static Checkpoint make_checkpoint() {
        Checkpoint checkpoint;
        checkpoint.id = CheckpointId{1};
        checkpoint.name = "c";
        checkpoint.files = {{"state.bin", Bytes{4}, 7, 0644}, {"more.bin", Bytes{2}, 7, 0644}};
        return checkpoint;
    }
    void upload_all() {
        store.objects["red/c/o/0000"] = "1234";
        store.objects["red/c/o/0001"] = "56";
    }
    input::ManifestWritten write() {
        return answer_to<input::ManifestWritten>(
            effect::WriteManifest{make_checkpoint(), 3, "red"});
    }
};

TEST_F(ArtifactRunnerTest, ManifestIsWrittenWhenAllObjectsAreThere) {
    upload_all();
    const input::ManifestWritten written = write();
    EXPECT_EQ(written.outcome, input::CallOutcome::kDone);
    EXPECT_EQ(store.objects.at("red/c/manifest.json"), "c 3");
    EXPECT_EQ(written.manifest_sha256, sha256_hex("c 3"));
    EXPECT_EQ(write().outcome, input::CallOutcome::kDone) << "the same text again is harmless";
}

TEST_F(ArtifactRunnerTest, MissingOrWrongObjectsAreRefused) {
    EXPECT_EQ(write().outcome, input::CallOutcome::kRefused);
    upload_all();
    store.objects["red/c/o/0001"] = "567";
    EXPECT_EQ(write().outcome, input::CallOutcome::kRefused);
    upload_all();
    store.crc32c = 8;
    EXPECT_EQ(write().outcome, input::CallOutcome::kRefused);
    EXPECT_FALSE(store.objects.contains("red/c/manifest.json"));
}

TEST_F(ArtifactRunnerTest, StoreThatDoesNotAnswerLeavesItUnknown) {
    upload_all();
    store.failing = "red/c/o/0001";
    EXPECT_EQ(write().outcome, input::CallOutcome::kUnknown);
    store.failing = "red/c/manifest.json";
    EXPECT_EQ(write().outcome, input::CallOutcome::kUnknown);
}

TEST_F(ArtifactRunnerTest, WhatWasBrokenOffAtTheEndIsNoFailureOfTheStore) {
    upload_all();
    is_stopping = true;
    store.failing = "red/c/o/0001";
    EXPECT_TRUE(runner.take(effect::WriteManifest{make_checkpoint(), 3, "red"}));
    EXPECT_TRUE(runner.take(effect::DeleteObjects{make_checkpoint(), "red"}));
    // What the store said before is told: effects run in order.
    const auto found =
        answer_to<input::OutcomeFound>(effect::FindOutcome{{JobId{1}, Fence{2}}, "red"});
    EXPECT_FALSE(found.outcome);
}

TEST_F(ArtifactRunnerTest, CredentialsThatEndedSayNothingAboutTheObjects) {
    upload_all();
    for (const ErrorCode code :
         {ErrorCode::kUnauthenticated, ErrorCode::kForbidden, ErrorCode::kInvalid}) {
        store.failure = code;
        for (const char* key : {"red/c/o/0001", "red/c/manifest.json"}) {
            store.failing = key;
            EXPECT_EQ(write().outcome, input::CallOutcome::kUnknown) << key;
        }
    }
    store.failing = "";
    EXPECT_EQ(write().outcome, input::CallOutcome::kDone);
}

TEST_F(ArtifactRunnerTest, AnotherManifestInItsPlaceIsNeverOverwritten) {
    upload_all();
    for (const char* other : {"c 2", "of somebody else, and longer"}) {
        store.objects["red/c/manifest.json"] = other;
        EXPECT_EQ(write().outcome, input::CallOutcome::kRefused) << other;
        EXPECT_EQ(store.objects.at("red/c/manifest.json"), other);
    }
}

TEST_F(ArtifactRunnerTest, DeletionBeginsWithTheManifestAndIsDoneWhenNothingIsLeft) {
    upload_all();
    store.objects["red/c/manifest.json"] = "c 3";
    const Effect deletion = effect::DeleteObjects{make_checkpoint(), "red"};
    EXPECT_EQ(answer_to<input::ObjectsDeleted>(deletion).outcome, input::CallOutcome::kDone);
    EXPECT_EQ(store.removed.front(), "red/c/manifest.json");
    EXPECT_TRUE(store.objects.empty());
    EXPECT_EQ(answer_to<input::ObjectsDeleted>(deletion).outcome, input::CallOutcome::kDone);
    store.failing = "red/c/o/0000";
    EXPECT_EQ(answer_to<input::ObjectsDeleted>(deletion).outcome, input::CallOutcome::kUnknown);
}

TEST_F(ArtifactRunnerTest, WhoseFilesTheyWillBeIsWrittenBeforeTheFirstAttempt) {
    const std::string key = "red/j1/job.json";
    const auto look = [&](std::uint64_t fence) {
        return answer_to<input::RunSeen>(effect::LookAtRun{JobId{1}, Fence{fence}, "red", {}});
    };
    EXPECT_TRUE(look(1).is_empty);
    EXPECT_FALSE(store.objects.contains(key)) << "an attempt has begun already";
    for (int i = 0; i < 2; ++i) {
        const auto seen = answer_to<input::RunSeen>(
            effect::LookAtRun{JobId{1}, Fence{}, "red", make_checkpoint()});
        EXPECT_TRUE(seen.is_empty && seen.gone) << "as a disk that is not mounted looks";
    }
    EXPECT_FALSE(store.objects.contains(key));
    store.failing = key;
    EXPECT_TRUE(look(0).is_empty) << "it is no reason to wait";
    store.failing = "";
    EXPECT_TRUE(look(0).is_empty);
    EXPECT_EQ(store.objects.at(key), "record of j1");
}

TEST_F(ArtifactRunnerTest, OutcomeIsFoundOrKnownToBeAbsent) {
    const Effect look = effect::FindOutcome{{JobId{1}, Fence{2}}, "red"};
    EXPECT_FALSE(answer_to<input::OutcomeFound>(look).outcome);
    store.objects["red/outcome/2"] = "done";
    const auto found = answer_to<input::OutcomeFound>(look);
    ASSERT_TRUE(found.outcome);
    EXPECT_EQ(found.outcome->reason, EndReason::kSucceeded);
    EXPECT_EQ(found.attempt, (AttemptKey{JobId{1}, Fence{2}}));
}

TEST_F(ArtifactRunnerTest, UnreachableOutcomeIsNoAbsence) {
    store.failing = "red/outcome/2";
    EXPECT_TRUE(runner.take(effect::FindOutcome{{JobId{1}, Fence{2}}, "red"}));
    // Effects run in order: once the next one is answered, the first has said all that it will.
    EXPECT_EQ(write().outcome, input::CallOutcome::kRefused);
    EXPECT_TRUE(posted.empty());
}

TEST_F(ArtifactRunnerTest, LooksThatAreAskedForAgainAndAgainHoldNoCommitUp) {
    const Effect look = effect::LookAtRun{JobId{1}, {}, "red", {}};
    constexpr int kMany = 1000;
    int looks = 0;
    int looks_before = kMany;
    on_post = [&](const InputBody& body) {
        if (std::holds_alternative<input::ManifestWritten>(body)) looks_before = looks;
        const bool is_look = std::holds_alternative<input::RunSeen>(body);
        if (!is_look || looks_before < kMany || ++looks == kMany) return;
        if (looks == 1) runner.take(effect::WriteManifest{make_checkpoint(), 3, "red"});
        runner.take(look);
    };
    runner.take(look);
    {
        // Another look may have come behind it before this thread is woken.
        std::unique_lock lock(mutex);
        arrived.wait(lock, [this] {
            return std::any_of(posted.begin(), posted.end(), [](const InputBody& body) {
                return std::holds_alternative<input::ManifestWritten>(body);
            });
        });
    }
    runner.stop();
    EXPECT_LT(looks_before, 10);
}

TEST_F(ArtifactRunnerTest, EffectsOfOthersAreLeftToThem) {
    EXPECT_FALSE(runner.take(effect::ListMachines{}));
    runner.stop();
    EXPECT_TRUE(runner.take(effect::FindOutcome{{JobId{1}, Fence{2}}, "red"}));
}

}  // namespace
}  // namespace herder
