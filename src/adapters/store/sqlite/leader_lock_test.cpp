#include "adapters/store/sqlite/leader_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

namespace herder::sqlite {
namespace {

class LeaderLockTest : public testing::Test {
  protected:
    void TearDown() override { std::filesystem::remove(path_); }
    std::string path_ = testing::TempDir() + "leader-" + std::to_string(getpid()) + ".lock";
};

TEST_F(LeaderLockTest, OneHolderAtATime) {
    std::optional<LeaderLock> first(std::in_place);
    ASSERT_TRUE(first->take(path_));
    EXPECT_TRUE(first->take(path_));
    LeaderLock second;
    const Status taken = second.take(path_);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::kConflict);
    first.reset();
    EXPECT_TRUE(second.take(path_));
}

TEST(CheckIsLocal, AFolderThatIsNotThere) {
    EXPECT_FALSE(check_is_local("/nowhere/at/all"));
}

}  // namespace
}  // namespace herder::sqlite
