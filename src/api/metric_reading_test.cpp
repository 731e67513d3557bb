#include "api/metric_reading.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

// Counts what is read of it.
class CountingStore : public FakeUploadStore {
  public:
    Result<std::string> get(const std::string& key, std::size_t limit) override {
        ++gets;
        return FakeUploadStore::get(key, limit);
    }
    int gets = 0;
};

struct MetricReadingTest : ::testing::Test {
    static std::string make_folder() {
        std::string name = ::testing::TempDir() + "herder-metrics-XXXXXX";
        return mkdtemp(name.data());
    }
    ~MetricReadingTest() override { std::filesystem::remove_all(folder); }

    // A line of 64 bytes for each step.
    void write(std::uint64_t attempt, int from, int count) {
        std::string text;
        for (int step = from; step < from + count; ++step) {
            std::string line = "{\"step\":" + std::to_string(step) + ",\"loss\":1";
            line.resize(62, ' ');
            text += line + "}\n";
        }
        const LogName name = name_of(attempt);
        ASSERT_TRUE(logs.append(name, {logs.size(name), text}));
    }
    static LogName name_of(std::uint64_t attempt) {
        return {{JobId{1}, Fence{attempt}}, "metrics"};
    }
    MetricReading begin(std::uint64_t newest, MetricReading::Limits limits) {
        return MetricReading(logs, {name_of(1), newest, 1, "", 1000}, limits);
    }
    const std::string folder = make_folder();
    CountingStore objects;
    LogStore logs{{.files = {.folder = folder}}, objects};
};

TEST_F(MetricReadingTest, ReadsAllAttemptsInSteps) {
    write(1, 1, 100);
    write(2, 101, 100);
    MetricReading reading = begin(2, {.step = 640});
    int steps = 0;
    while (reading.read_step())
        ++steps;
    EXPECT_GE(steps, 19) << "each reads ten lines";
    EXPECT_FALSE(reading.problem());
    EXPECT_FALSE(reading.has_left_out());
    EXPECT_EQ(reading.book().series().at("loss").whole().count, 200);
    EXPECT_EQ(reading.book().bad_lines(), 0);
}

TEST_F(MetricReadingTest, AnAttemptWhoseMetricsWereDeletedIsNamed) {
    write(1, 1, 100);
    write(2, 101, 100);
    const LogDeletion deletion{WallTime{1'795'466'880'000'000}, "30d", false};
    std::size_t pieces = 50;
    ASSERT_TRUE(logs.delete_attempt(name_of(1), deletion,
                                    logs.held("default", JobId{1})->attempts[1], pieces));
    MetricReading reading = begin(2, {.step = 1 << 20});
    while (reading.read_step()) {
    }
    EXPECT_FALSE(reading.problem());
    EXPECT_EQ(reading.book().series().at("loss").whole().count, 100);
    EXPECT_TRUE(reading.lost().empty());
    ASSERT_EQ(reading.deleted().size(), 1U);
    EXPECT_EQ(reading.deleted()[0].attempt, 1U);
    EXPECT_EQ(reading.deleted()[0].deletion.rule, "30d");
}

TEST_F(MetricReadingTest, OfAnAttemptThatIsTooLongTheNewestLinesCount) {
    write(1, 1, 100);
    write(2, 101, 1000);
    MetricReading reading = begin(2, {.step = 1 << 20, .all = 64 * 50 + 10});
    while (reading.read_step()) {
    }
    EXPECT_TRUE(reading.has_left_out());
    const MetricSeries loss = reading.book().series().at("loss");
    EXPECT_EQ(loss.first_step(), 1051);
    EXPECT_EQ(loss.whole().step, 1100);
    EXPECT_EQ(loss.whole().count, 50);
    EXPECT_EQ(reading.book().bad_lines(), 0) << "half a line is none";
}

TEST_F(MetricReadingTest, AsksTheStoreForNoMoreThanItReads) {
    write(1, 1, 3 * (4 << 20) / 64);
    ASSERT_TRUE(logs.move_out("j1/1.metrics"));
    MetricReading reading = begin(1, {.step = 1 << 20, .all = 2 << 20});
    while (reading.read_step()) {
    }
    EXPECT_TRUE(reading.has_left_out());
    EXPECT_EQ(objects.gets, 1);
}

TEST_F(MetricReadingTest, WhatFitsExactlyLeavesNothingOut) {
    write(1, 1, 10);
    MetricReading reading = begin(1, {.step = 1 << 20, .all = 640});
    while (reading.read_step()) {
    }
    EXPECT_FALSE(reading.has_left_out());
    EXPECT_EQ(reading.book().series().at("loss").whole().count, 10);
}

}  // namespace
}  // namespace herder::api
