#include "worker/log_shipper.h"

#include <gtest/gtest.h>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

TEST(LogShipper, LosesAndDoublesNothingWhenAnswersAreLost) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    protocol::JoinRequest request;
    request.token = "a-one-time-token";
    ASSERT_TRUE(link.join(request));
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

}  // namespace
}  // namespace herder
