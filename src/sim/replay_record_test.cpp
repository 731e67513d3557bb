#include "sim/replay_record.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "engine/input_recorder.h"
#include "sim/process_fixture.h"

namespace herder::sim {

namespace {

struct ReplayRecordTest : ProcessPlace {
    std::string folder = [] {
        std::string name = testing::TempDir() + "herder-replay-XXXXXX";
        return std::string(::mkdtemp(name.data()));
    }();
    std::string path = folder + "/inputs";
    ~ReplayRecordTest() override { std::filesystem::remove_all(folder); }

    // Half an hour of a server with one job.
    void record() {
        auto recorder = InputRecorder::create(path, {around.cluster, around.settings});
        ASSERT_TRUE(recorder) << recorder.error().message;
        around.recorder = recorder->get();
        const auto process = make_process(1);
        process->start();
        process->request(make_submit("key"), [](const Result<ReplyBody>*) {});
        run_for(minutes(30));
    }
};

TEST_F(ReplayRecordTest, TodaysCoreDecidesAsItDidThen) {
    record();
    std::ostringstream out;
    EXPECT_EQ(replay_record(path, false, out), 0) << out.str();
    EXPECT_NE(out.str().find(" differing=0"), std::string::npos) << out.str();
}

TEST_F(ReplayRecordTest, TraceTellsWhatCameInAndWhatFollowed) {
    record();
    std::ostringstream out;
    replay_record(path, true, out);
    EXPECT_NE(out.str().find("< submit_job job-1"), std::string::npos);
    EXPECT_NE(out.str().find("= job.submitted j1"), std::string::npos);
    EXPECT_NE(out.str().find("< machines_listed"), std::string::npos);
}

TEST_F(ReplayRecordTest, CoreThatDecidesOtherwiseIsNamedWithItsBatch) {
    Settings then = around.settings;
    around.settings.list_fast = seconds(11);
    auto recorder = InputRecorder::create(path, {around.cluster, then});
    around.recorder = recorder->get();
    const auto process = make_process(1);
    process->start();
    process->request(make_submit("key"), [](const Result<ReplyBody>*) {});
    run_for(minutes(5));
    std::ostringstream out;
    EXPECT_EQ(replay_record(path, false, out), 1) << out.str();
    EXPECT_NE(out.str().find("first_differing="), std::string::npos) << out.str();
}

TEST_F(ReplayRecordTest, WhatIsNoRecordingIsRefused) {
    std::ostringstream out;
    EXPECT_EQ(replay_record(path, false, out), 2);
    EXPECT_NE(out.str().find("cannot be opened"), std::string::npos) << out.str();
}

}  // namespace

}  // namespace herder::sim
