#include "worker/log_shipper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

void join(ServerLink& link) {
    protocol::JoinRequest request;
    request.token = "a-one-time-token";
    ASSERT_TRUE(link.join(request));
}

TEST(LogShipper, LosesAndDoublesNothingWhenAnswersAreLost) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    join(link);
    LogSpool spool(folder.path());
    LogShipper shipper(spool, link);
    server.drop_log_answers(1);
    std::string all;
    for (int i = 0; i < 100; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        spool.append("stdout", line);
        all += line;
    }
    spool.append("stderr", "oh");
    EXPECT_TRUE(server.wait([&] {
        const auto it = server.objects().find("log/stdout");
        return it != server.objects().end() && it->second == all;
    }));
    EXPECT_TRUE(shipper.flush(seconds(20)));
    EXPECT_EQ(server.log("stdout"), all);
    EXPECT_EQ(server.log("stderr"), "oh");
}

// As after a power loss, or with a backup that was put back: of what the server had taken, a part
// is gone, and on this machine too.
TEST(LogShipper, AServerThatLostLogsGetsTheRestAndIsToldOfTheHole) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    join(link);
    LogSpool spool(folder.path());
    LogShipper shipper(spool, link);
    const std::string large(5 << 20, 'x');
    spool.append("stdout", large);
    spool.append("stderr", "kept here\n");
    ASSERT_TRUE(shipper.flush(minutes(2)));
    server.put("log/stdout", large.substr(0, 100));
    server.put("log/stderr", "kept");
    spool.append("stdout", "more\n");
    spool.append("stderr", "and more\n");
    ASSERT_TRUE(shipper.flush(minutes(2)));
    EXPECT_EQ(server.log("stderr"), "kept here\nand more\n") << "sent again";
    const std::string log = server.log("stdout");
    EXPECT_EQ(log.substr(0, 100), large.substr(0, 100));
    EXPECT_TRUE(log.substr(100).starts_with("\n[herder: " + std::to_string(large.size() - 100) +
                                            " bytes of this log are missing here: "))
        << log.substr(100, 200);
    EXPECT_TRUE(log.ends_with("]\nmore\n"));
}

// While the clock stands still no wait is ever over.
class HeldLogsTest : public ::testing::Test {
  protected:
    void SetUp() override {
        join(link_);
        turn_.emplace(link_.turns(), TransferClass::kCheckpoint);
    }
    std::ptrdiff_t count_posts() {
        const auto calls = server_.calls();
        return std::count(calls.begin(), calls.end(), std::string("POST ") + protocol::kAgentLogs);
    }

    FakeServer server_;
    TemporaryFolder folder_;
    StillClock clock_;
    ServerLink link_{{server_.url()}, "", clock_.now()};
    LogSpool spool_{folder_.path()};
    std::optional<LinkTurns::Turn> turn_;
    LogShipper shipper_{spool_, link_};
};

TEST_F(HeldLogsTest, LogsWaitForACheckpointAndGoOnBehindIt) {
    spool_.append("stdout", "patience\n");
    ASSERT_TRUE(clock_.wait_asked(6)) << "nobody asks whose turn it is";
    EXPECT_EQ(count_posts(), 0);
    turn_.reset();
    EXPECT_TRUE(server_.wait([&] {
        const auto it = server_.objects().find("log/stdout");
        return it != server_.objects().end() && it->second == "patience\n";
    }));
}

TEST_F(HeldLogsTest, TheLastLogsWaitForNobody) {
    spool_.append("stdout", std::string(1 << 20, 'x'));
    ASSERT_TRUE(clock_.wait_asked(6));
    EXPECT_TRUE(shipper_.flush(minutes(2)));
    EXPECT_EQ(server_.log("stdout").size(), 1U << 20);
}

TEST_F(HeldLogsTest, NothingIsLostForTheSakeOfOrder) {
    // As much as an eighth of the spool may wait.
    const std::size_t waits = LogSpool::kLimit / 8;
    spool_.append("stdout", std::string(waits + (1 << 20), 'x'));
    ASSERT_TRUE(clock_.wait_asked(6));
    const std::size_t sent = server_.log("stdout").size();
    EXPECT_GE(sent, 1U << 20);
    EXPECT_LT(sent, waits);
}

TEST(LogShipper, TellsHowLongAgoALineWasWritten) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    join(link);
    std::atomic<std::int64_t> now_us{0};
    const auto now = [&now_us] { return Instant{now_us}; };
    LogSpool spool(folder.path(), LogSpool::kLimit, now);
    spool.append("stdout", "old\n");
    now_us = seconds(60).us;
    spool.append("stdout", "new\n");
    now_us = seconds(61).us;
    LogShipper shipper(spool, link, now);
    ASSERT_TRUE(server.wait([&] { return server.objects().contains("ages"); }));
    ASSERT_TRUE(server.wait([&] { return server.objects().at("ages") == "0:61000,4:1000"; }));
}

}  // namespace
}  // namespace herder
