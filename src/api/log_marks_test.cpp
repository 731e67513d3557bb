#include "api/log_marks.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace herder::api {
namespace {

constexpr WallTime at(std::int64_t milliseconds_since) {
    return WallTime{1'790'000'000'000'000} + milliseconds(milliseconds_since);
}

struct LogMarks : ::testing::Test {
    LogMarks() {
        std::string name = ::testing::TempDir() + "herder-marks-XXXXXX";
        folder = mkdtemp(name.data());
        path = folder + "/1.out.times";
    }
    ~LogMarks() override { std::filesystem::remove_all(folder); }
    void add(std::int64_t offset, std::int64_t ms) {
        ASSERT_TRUE(add_log_mark(path, {offset, at(ms), at(ms)}));
    }
    std::string folder;
    std::string path;
};

TEST_F(LogMarks, OneASecondIsKept) {
    add(0, 0);
    add(10, 400);
    add(20, 1000);
    EXPECT_EQ(read_log_marks(path),
              (std::vector<LogMark>{{0, at(0), at(400)}, {20, at(1000), at(1000)}}));
}

TEST_F(LogMarks, FindsWhatWasWrittenThen) {
    add(0, 0);
    add(10, 60'000);
    add(20, 120'000);
    const auto marks = read_log_marks(path);
    EXPECT_EQ(begin_since(marks, at(-5), 30), 0);
    EXPECT_EQ(begin_since(marks, at(60'000), 30), 10);
    EXPECT_EQ(begin_since(marks, at(60'001), 30), 20);
    EXPECT_EQ(begin_since(marks, at(120'001), 30), 30) << "nothing since then";
    EXPECT_EQ(end_until(marks, at(-1), 30), 0);
    EXPECT_EQ(end_until(marks, at(60'000), 30), 20);
    EXPECT_EQ(end_until(marks, at(999'999), 30), 30);
    EXPECT_EQ(begin_since({}, at(0), 30), 0) << "where no time is known, all of it may be meant";
}

TEST_F(LogMarks, ACalendarThatIsSetBackGoesOn) {
    add(0, 60'000);
    add(10, 0);
    add(20, 62'000);
    EXPECT_EQ(read_log_marks(path),
              (std::vector<LogMark>{{0, at(60'000), at(60'000)}, {20, at(62'000), at(62'000)}}));
}

TEST_F(LogMarks, StaysSmallAndCoversAllTheSame) {
    constexpr std::int64_t kCount = 70'000;
    for (std::int64_t i = 0; i < kCount; ++i)
        add(i * 10, i * 1000);
    EXPECT_LE(std::filesystem::file_size(path), 24U << 16U);
    const auto marks = read_log_marks(path);
    EXPECT_EQ(marks.front().offset, 0);
    // An old second is found to a second or two, and never too late.
    const std::int64_t begin = begin_since(marks, at(1'001'000), kCount * 10);
    EXPECT_LE(begin, 10'010);
    EXPECT_GE(begin, 9'980);
    EXPECT_EQ(begin_since(marks, at((kCount - 1) * 1000), kCount * 10), (kCount - 1) * 10);
}

}  // namespace
}  // namespace herder::api
