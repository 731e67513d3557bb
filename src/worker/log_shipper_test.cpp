#include "worker/log_shipper.h"

#include <gtest/gtest.h>

#include <atomic>

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
