#include "engine/input_recorder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <type_traits>

#include "engine/engine_rig.h"

namespace herder {
namespace {

const CoreMakeup kMakeup{{"test", std::string(32, 'k')}, {}};

Core make_core(const Settings& settings = {}) {
    return {kMakeup.cluster, settings};
}

class Recording : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "herder-record-XXXXXX";
        folder = ::mkdtemp(name.data());
        path = folder + "/inputs";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void record_story() {
        auto recorder = InputRecorder::create(path, kMakeup);
        ASSERT_TRUE(recorder) << recorder.error().message;
        EngineOptions options;
        options.recorder = recorder->get();
        EngineRig rig(content, options);
        ASSERT_TRUE(rig.start());
        tell_story(rig);
        batches = rig.engine->stats().steps;
    }

    std::string folder;
    std::string path;
    FakeStore::Content content;
    std::uint64_t batches = 0;
};

TEST_F(Recording, ReplaysToTheSameOutputs) {
    record_story();
    Core core = make_core();
    const auto report = replay_inputs(path, core);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->batches, batches);
    EXPECT_GT(report->batches, 10U);
    EXPECT_EQ(report->differing, 0U);
    EXPECT_STREQ(to_string(core.state().jobs.at(JobId{1}).phase), "succeeded");
}

TEST_F(Recording, BeginsWithTheRowsOfARestartedServer) {
    {
        EngineRig rig(content);
        ASSERT_TRUE(rig.start());
        rig.feed(make_submit(1));
    }
    record_story();
    Core core = make_core();
    const auto report = replay_inputs(path, core);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_GE(report->rows, 2U);
    EXPECT_EQ(report->differing, 0U);
}

TEST_F(Recording, ShowsWhereAnotherCoreDecidesOtherwise) {
    record_story();
    Settings other;
    other.join_deadline = minutes(16);
    Core core = make_core(other);
    const auto report = replay_inputs(path, core);
    ASSERT_TRUE(report);
    EXPECT_GT(report->differing, 0U);
    EXPECT_GT(report->first_differing, 1U);
}

TEST_F(Recording, SaysOfWhichCoreItIs) {
    CoreMakeup makeup = kMakeup;
    makeup.settings.join_deadline = minutes(7);
    ASSERT_TRUE(InputRecorder::create(path, makeup));
    const auto read = read_makeup(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->cluster.name, "test");
    EXPECT_EQ(read->cluster.key, makeup.cluster.key);
    EXPECT_EQ(read->settings, makeup.settings);
    std::ofstream(path, std::ios::binary) << "job: no recording";
    EXPECT_EQ(read_makeup(path).error().code, ErrorCode::kCorrupt);
}

// A setting without a line in Settings::describe would replay as its default.
TEST_F(Recording, KeepsEverySetting) {
    CoreMakeup makeup = kMakeup;
    static_assert(std::is_trivially_copyable_v<Settings>);
    std::memset(static_cast<void*>(&makeup.settings), 1, sizeof(Settings));
    ASSERT_TRUE(InputRecorder::create(path, makeup));
    EXPECT_EQ(read_makeup(path)->settings, makeup.settings);
}

TEST_F(Recording, WatcherSeesEveryBatchAndItsOutput) {
    record_story();
    Core core = make_core();
    std::uint64_t seen = 0;
    std::uint64_t events = 0;
    const auto report = replay_inputs(path, core, [&](const auto& batch, const Output& output) {
        ++seen;
        EXPECT_FALSE(batch.empty());
        events += output.events.size();
    });
    ASSERT_TRUE(report);
    EXPECT_EQ(seen, report->batches);
    EXPECT_GT(events, 10U);
}

TEST_F(Recording, TornLastFrameEndsTheReplayWithoutAnError) {
    record_story();
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
    Core core = make_core();
    const auto report = replay_inputs(path, core);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->batches, batches);
    EXPECT_EQ(report->differing, 0U);
}

TEST_F(Recording, MalformedFrameIsAnError) {
    std::ofstream(path, std::ios::binary) << std::string("\x09\x01x", 3);
    Core core = make_core();
    EXPECT_EQ(replay_inputs(path, core).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(replay_inputs(path + "-absent", core).error().code, ErrorCode::kNotFound);
}

TEST_F(Recording, FileIsPrivateAndNeverOverwritten) {
    ASSERT_TRUE(InputRecorder::create(path, kMakeup));
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(InputRecorder::create(path, kMakeup).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace herder
