#include "api/log_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace herder::api {
namespace {

class LogStoreTest : public ::testing::Test {
  protected:
    LogStoreTest() {
        std::string name = ::testing::TempDir() + "herder-logs-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    ~LogStoreTest() override { std::filesystem::remove_all(folder_); }
    std::string folder_;
    const AttemptKey attempt_{JobId{1}, Fence{2}};
};

TEST_F(LogStoreTest, StoresOnceWhatComesTwiceAndRefusesGaps) {
    LogStore logs(folder_, 1 << 20);
    EXPECT_EQ(logs.append(attempt_, "out", 0, "hello ").value(), 6);
    EXPECT_EQ(logs.append(attempt_, "out", 0, "hello ").value(), 6);
    EXPECT_EQ(logs.append(attempt_, "out", 3, "lo world").value(), 11);
    EXPECT_FALSE(logs.append(attempt_, "out", 12, "gap"));
    EXPECT_EQ(logs.read(attempt_, "out", 0, 100).value(), "hello world");
    EXPECT_EQ(logs.read(attempt_, "out", 6, 3).value(), "wor");
    EXPECT_EQ(logs.read(attempt_, "out", 50, 3).value(), "");
}

TEST_F(LogStoreTest, AgentsAndPeopleNameTheSameStreams) {
    LogStore logs(folder_, 1 << 20);
    EXPECT_TRUE(logs.append(attempt_, "stdout", 0, "hi"));
    EXPECT_EQ(logs.read(attempt_, "out", 0, 10).value(), "hi");
}

TEST_F(LogStoreTest, KnowsItsStreamsOnly) {
    LogStore logs(folder_, 1 << 20);
    EXPECT_FALSE(logs.append(attempt_, "../escape", 0, "x"));
    EXPECT_FALSE(logs.read(attempt_, "nothing", 0, 1));
}

TEST_F(LogStoreTest, StopsStoringAtTheLimitButKeepsAcknowledging) {
    LogStore logs(folder_, 4);
    EXPECT_EQ(logs.append(attempt_, "err", 0, "abcdef").value(), 6);
    EXPECT_EQ(logs.append(attempt_, "err", 6, "gh").value(), 8);
    EXPECT_EQ(logs.append(attempt_, "err", 8, "ij").value(), 10);
    const std::string text = logs.read(attempt_, "err", 0, 1000).value();
    EXPECT_TRUE(text.starts_with("abcdef\n[herder: the log is cut"));
}

}  // namespace
}  // namespace herder::api
