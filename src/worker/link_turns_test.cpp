#include "worker/link_turns.h"

#include <gtest/gtest.h>

#include <optional>

namespace herder {
namespace {

// Time passes only while somebody sleeps.
class LinkTurnsTest : public ::testing::Test {
  protected:
    bool pass(Duration time) {
        slept_ += time;
        longest_ = std::max(longest_, time);
        return true;
    }
    bool wait(TransferClass what) {
        slept_ = Duration{};
        return turns_.wait(what, [this](Duration time) { return pass(time); });
    }

    Duration slept_;
    Duration longest_;
    LinkTurns turns_{[this] { return Instant{} + slept_; }};
};

TEST_F(LinkTurnsTest, NobodySleepsOnAnIdleLink) {
    EXPECT_FALSE(wait(TransferClass::kLogs));
    EXPECT_EQ(slept_, Duration{});
}

TEST_F(LinkTurnsTest, APieceOfLogsGoesAfterAWhileWhoeverIsUnderWay) {
    const LinkTurns::Turn checkpoint(turns_, TransferClass::kCheckpoint);
    EXPECT_TRUE(wait(TransferClass::kLogs));
    EXPECT_EQ(slept_, seconds(2));
    EXPECT_LE(longest_, milliseconds(100)) << "to notice soon that the turn is over";
    EXPECT_TRUE(wait(TransferClass::kLogs)) << "each piece anew";
    turns_.stop();
    EXPECT_TRUE(turns_.is_stopping());
    EXPECT_TRUE(wait(TransferClass::kLogs));
    EXPECT_EQ(slept_, seconds(5));
    EXPECT_FALSE(wait(TransferClass::kCheckpoint));
}

TEST_F(LinkTurnsTest, TheWaitEndsWithTheTurn) {
    std::optional<LinkTurns::Turn> checkpoint;
    checkpoint.emplace(turns_, TransferClass::kCheckpoint);
    int naps = 0;
    const auto nap = [&](Duration time) {
        if (++naps == 3) checkpoint.reset();
        return pass(time);
    };
    EXPECT_TRUE(turns_.wait(TransferClass::kOutputs, nap));
    EXPECT_EQ(naps, 3);
}

TEST_F(LinkTurnsTest, WhoDoesNotWantToWaitGoesAtOnce) {
    const LinkTurns::Turn checkpoint(turns_, TransferClass::kCheckpoint);
    int naps = 0;
    EXPECT_TRUE(turns_.wait(TransferClass::kLogs, [&](Duration) {
        ++naps;
        return false;
    }));
    EXPECT_EQ(naps, 1);
}

}  // namespace
}  // namespace herder
