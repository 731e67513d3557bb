#include "adapters/http/file_window.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace herder::http {
namespace {

namespace fs = std::filesystem;

class FileWindowTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::ofstream(path_, std::ios::binary) << std::string(kSize, '.');
        descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
        ASSERT_GE(descriptor_, 0);
        for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{70'001}, kSize - 1})
            ASSERT_EQ(::pwrite(descriptor_, "x", 1, static_cast<off_t>(at)), 1);
    }
    void TearDown() override {
        ::close(descriptor_);
        fs::remove(path_);
    }

    static constexpr std::uint64_t kSize = 2 * FileWindow::kSize + 5;
    const std::string path_ =
        (fs::path(::testing::TempDir()) / ("file-window-" + std::to_string(::getpid()))).string();
    int descriptor_ = -1;
};

TEST_F(FileWindowTest, ShowsTheFileInWindows) {
    FileWindow window(descriptor_);
    const auto whole = window.at(0, kSize);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->size(), FileWindow::kSize);
    EXPECT_EQ(whole->front(), 'x');
    EXPECT_EQ((*whole)[1], '.');
    const auto within = window.at(70'001, kSize - 70'001);
    ASSERT_TRUE(within);
    EXPECT_EQ(within->size(), FileWindow::kSize - 70'001) << "up to the end of the window";
    EXPECT_EQ(within->front(), 'x');
    const auto last = window.at(kSize - 5, 5);
    ASSERT_TRUE(last);
    EXPECT_EQ(*last, "....x");
}

TEST_F(FileWindowTest, BeginsAnywhere) {
    FileWindow window(descriptor_);
    const auto piece = window.at(70'001, 3);
    ASSERT_TRUE(piece);
    EXPECT_EQ(*piece, "x..");
}

TEST_F(FileWindowTest, WhatWasCutOffIsAnErrorOfTheCallThatReadsIt) {
    FileWindow window(descriptor_);
    const auto piece = window.at(kSize - 5, 5);
    ASSERT_TRUE(piece);
    fs::resize_file(path_, 10);
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(::write(ends[1], piece->data(), piece->size()), -1);
    EXPECT_EQ(errno, EFAULT);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(FileWindow, ToldWhatCannotBeMapped) {
    const int descriptor = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    FileWindow window(descriptor);
    const auto piece = window.at(0, 10);
    ::close(descriptor);
    ASSERT_FALSE(piece);
    EXPECT_EQ(piece.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace herder::http
