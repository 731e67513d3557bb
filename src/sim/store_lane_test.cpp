#include "sim/store_lane.h"

#include "sim/process_fixture.h"
#include "sim/upload_desk.h"

namespace herder::sim {

namespace {

struct Lane : ProcessPlace {
    std::vector<InputBody> posted;
    State state;
    int kills = 0;
    bool is_up = true;
    std::vector<std::function<void()>> held;
    StoreLane lane{stage, objects, Mutant::kNone, 1, hooks()};

    StoreLane::Hooks hooks() {
        StoreLane::Hooks hooks;
        hooks.post = [this](InputBody body) { posted.push_back(std::move(body)); };
        hooks.when_running = [this](std::function<void()> action) {
            if (is_up) return action();
            held.push_back(std::move(action));
        };
        hooks.kill = [this] { ++kills; };
        hooks.state = [this] { return &state; };
        return hooks;
    }
    Checkpoint upload(std::uint64_t id, bool is_whole = true) {
        Checkpoint one;
        one.id = CheckpointId{id};
        one.attempt = {JobId{1}, Fence{1}};
        one.name = make_checkpoint_name(10, one.attempt.fence, one.id);
        const auto files = make_local_files(id);
        one.files = declare(files);
        objects.begin(one, {one.attempt, {}});
        UploadDesk desk(stage, objects);
        const auto parts = desk.sign(one, files);
        for (std::size_t i = is_whole ? 0 : 1; i < parts->size(); ++i)
            (void)objects.bucket().receive((*parts)[i].upload, (*parts)[i].part);
        return one;
    }
    template <class T>
    T answer(std::size_t index) {
        return std::get<T>(posted.at(index));
    }
};

TEST_F(Lane, CommitsByTheRealCommitPath) {
    const Checkpoint one = upload(1);
    lane.take(effect::WriteManifest{one, 1, "red"});
    run_for(minutes(1));
    ASSERT_EQ(posted.size(), 1U);
    EXPECT_EQ(answer<input::ManifestWritten>(0).outcome, input::CallOutcome::kDone);
    EXPECT_TRUE(objects.is_whole(one.id));
    EXPECT_EQ(objects.manifest(one.id)->commit_seq, 1U);
}

TEST_F(Lane, RefusesWhatHasNotArrived) {
    const Checkpoint one = upload(1, false);
    lane.take(effect::WriteManifest{one, 1, "red"});
    lane.take(effect::WriteManifest{one, 1, "red"});
    run_for(minutes(10));
    EXPECT_EQ(answer<input::ManifestWritten>(0).outcome, input::CallOutcome::kUnknown);
    EXPECT_EQ(answer<input::ManifestWritten>(1).outcome, input::CallOutcome::kRefused);
    EXPECT_FALSE(objects.manifest(one.id));
    EXPECT_GT(stage.marks.hits(Mark::kManifestRefused), 0U);
}

TEST_F(Lane, TellsWhatTheStoreDenies) {
    const Checkpoint one = upload(1);
    objects.bucket().deny(objects.folder_of(one) + "o/0000");
    lane.take(effect::WriteManifest{one, 1, "red"});
    run_for(minutes(10));
    EXPECT_EQ(answer<input::ManifestWritten>(0).outcome, input::CallOutcome::kUnknown);
    EXPECT_TRUE(answer<input::ManifestWritten>(0).denied);
    EXPECT_FALSE(objects.manifest(one.id));
}

TEST_F(Lane, LooksAtWhatIsThereOfAJob) {
    const Checkpoint one = upload(1);
    lane.take(effect::WriteManifest{one, 1, "red"});
    lane.take(effect::LookAtRun{JobId{1}, Fence{1}, "red", one});
    run_for(minutes(10));
    const auto seen = answer<input::RunSeen>(1);
    EXPECT_EQ(seen.gone, CheckpointId{});
    EXPECT_EQ(seen.manifests, std::vector{one.name});
}

TEST_F(Lane, DeletesAllOfIt) {
    const Checkpoint one = upload(1);
    lane.take(effect::WriteManifest{one, 1, "red"});
    lane.take(effect::DeleteObjects{one, "red"});
    run_for(minutes(1));
    ASSERT_EQ(posted.size(), 2U) << "one after the other";
    EXPECT_EQ(answer<input::ObjectsDeleted>(1).outcome, input::CallOutcome::kDone);
    EXPECT_FALSE(objects.is_complete(one.id));
    EXPECT_FALSE(objects.manifest(one.id));
}

TEST_F(Lane, FindsOutcomes) {
    const AttemptKey key{JobId{1}, Fence{1}};
    objects.put_outcome(key, {EndReason::kSucceeded, 0, ""});
    lane.take(effect::FindOutcome{key, "red"});
    run_for(minutes(1));
    EXPECT_EQ(answer<input::OutcomeFound>(0).outcome->reason, EndReason::kSucceeded);
}

TEST_F(Lane, FrozenHostDoesNothingUntilItGoesOn) {
    const Checkpoint one = upload(1);
    is_up = false;
    lane.take(effect::WriteManifest{one, 1, "red"});
    run_for(minutes(1));
    EXPECT_FALSE(objects.manifest(one.id));
    is_up = true;
    ASSERT_EQ(held.size(), 1U);
    held.front()();
    run_for(minutes(1));
    EXPECT_EQ(posted.size(), 1U);
    EXPECT_TRUE(objects.manifest(one.id));
}

TEST(StoreLane, ProcessMayDieAnywhereInItsCalls) {
    std::set<Fault> off = ProcessPlace::all_faults();
    off.erase(Fault::kCrashInStore);
    std::uint64_t seed = 1;
    while (Stage(seed, off, false).faults.intensity(Fault::kCrashInStore) < 0.7)
        ++seed;
    Stage stage(seed, off, false);
    FakeObjects objects(stage);
    int kills = 0;
    StoreLane::Hooks hooks;
    hooks.post = [](const InputBody&) {};
    hooks.when_running = [](const std::function<void()>& action) { action(); };
    hooks.kill = [&kills] { ++kills; };
    for (std::uint64_t process = 1; process < 2'000 && kills == 0; ++process) {
        StoreLane lane(stage, objects, Mutant::kNone, process, hooks);
        Checkpoint one;
        one.id = CheckpointId{process};
        one.name = std::to_string(process);
        one.files = {{"state.bin", Bytes{1}, 1, 0644}};
        lane.take(effect::WriteManifest{one, 1, "red"});
        const Instant end = stage.now() + minutes(1);
        while (stage.schedule.run_next(end)) {
        }
    }
    EXPECT_EQ(kills, 1);
    EXPECT_EQ(stage.marks.hits(Mark::kDiedInStore), 1U);
}

TEST(StoreLane, LooksAreDeniedForAWhileAndAnsweredAgain) {
    std::set<Fault> off = ProcessPlace::all_faults();
    off.erase(Fault::kStoreDenies);
    std::uint64_t seed = 1;
    while (Stage(seed, off, false).faults.intensity(Fault::kStoreDenies) < 0.7)
        ++seed;
    Stage stage(seed, off, false);
    FakeObjects objects(stage);
    std::string story;  // "d": denied, "s": seen, each once however often in a row
    StoreLane::Hooks hooks;
    hooks.post = [&story](const InputBody& body) {
        const auto* failed = std::get_if<input::RunLookFailed>(&body);
        if (failed != nullptr) EXPECT_TRUE(failed->denied);
        const char told = failed != nullptr ? 'd' : 's';
        if (story.empty() || story.back() != told) story += told;
    };
    hooks.when_running = [](const std::function<void()>& action) { action(); };
    hooks.kill = [] {};
    StoreLane lane(stage, objects, Mutant::kNone, 1, hooks);
    for (int i = 0; i < 5'000 && story != "sds"; ++i) {
        lane.take(effect::LookAtRun{JobId{1}, Fence{1}, "red", {}});
        const Instant end = stage.now() + minutes(1);
        while (stage.schedule.run_next(end)) {
        }
    }
    EXPECT_EQ(story, "sds");
}

}  // namespace

}  // namespace herder::sim
