#include "engine/input_queue.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

input::AgentReported make_report(ReplyTo to, const std::string& session, std::uint64_t sequence) {
    input::AgentReported reported;
    reported.reply_to = to;
    reported.session_hash = session;
    reported.report.sequence = sequence;
    return reported;
}

TEST(InputQueue, RefusesEverythingUntilOpened) {
    InputQueue queue(10);
    EXPECT_EQ(queue.push(input::TimerFired{}).error().code, ErrorCode::kUnavailable);
    queue.open();
    EXPECT_TRUE(queue.push(input::TimerFired{}));
}

TEST(InputQueue, RefusesCommandsWhenFullButNeverReportsOrResults) {
    InputQueue queue(2);
    queue.open();
    EXPECT_TRUE(queue.push(input::SubmitJob{}));
    EXPECT_TRUE(queue.push(input::AgentJoined{}));
    EXPECT_EQ(queue.push(input::SubmitJob{}).error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(queue.push(input::ChangeJob{}).error().code, ErrorCode::kRateLimited);
    EXPECT_TRUE(queue.push(make_report(0, "a", 1)));
    EXPECT_TRUE(queue.push(input::CreateEnded{}));
    EXPECT_EQ(queue.take(1).size(), 1U);
    EXPECT_TRUE(queue.push(input::SubmitJob{}));
}

TEST(InputQueue, NewerReportOfAnAgentTakesThePlaceOfTheOlder) {
    InputQueue queue(10);
    queue.open();
    ASSERT_TRUE(queue.push(input::CreateEnded{}));
    ASSERT_TRUE(queue.push(make_report(1, "a", 1)));
    ASSERT_TRUE(queue.push(make_report(2, "b", 1)));
    ASSERT_TRUE(queue.take(1).size() == 1);
    ASSERT_TRUE(queue.push(make_report(3, "a", 2)));
    ASSERT_TRUE(queue.push(make_report(4, "a", 1)));  // late: it must not undo the newer one
    EXPECT_EQ(queue.take_superseded(), (std::vector<ReplyTo>{1, 4}));

    const auto taken = queue.take(10);
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(std::get<input::AgentReported>(taken[0]).reply_to, 3U);
    EXPECT_EQ(std::get<input::AgentReported>(taken[0]).report.sequence, 2U);
    ASSERT_TRUE(queue.push(make_report(5, "a", 3)));
    EXPECT_EQ(queue.size(), 1U);
    EXPECT_TRUE(queue.take_superseded().empty());
}

TEST(InputQueue, TakesTheOldestFirstUpToALimit) {
    InputQueue queue(10);
    queue.open();
    for (const std::uint64_t i : {1U, 2U, 3U})
        ASSERT_TRUE(queue.push(input::CreateStarted{IntentId{i}}));
    const auto taken = queue.take(2);
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(std::get<input::CreateStarted>(taken[1]).intent, IntentId{2});
    EXPECT_EQ(queue.size(), 1U);
}

TEST(InputQueue, ClosingNamesTheCallersThatWait) {
    InputQueue queue(10);
    queue.open();
    input::SubmitJob submit;
    submit.reply_to = 5;
    ASSERT_TRUE(queue.push(submit));
    ASSERT_TRUE(queue.push(input::CreateEnded{}));
    ASSERT_TRUE(queue.push(make_report(6, "a", 1)));
    EXPECT_EQ(queue.close(), (std::vector<ReplyTo>{5, 6}));
    EXPECT_TRUE(queue.is_empty());
    EXPECT_FALSE(queue.push(input::CreateEnded{}));
}

}  // namespace
}  // namespace herder
