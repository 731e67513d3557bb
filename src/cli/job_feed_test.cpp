#include "cli/job_feed.h"

#include <gtest/gtest.h>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(JobFeed, AsksForEventsAfterTheLastOne) {
    FakeServer server;
    server.answer("GET /jobs/j1/events", R"({"items":[{"seq":7},{"seq":9}]})");
    server.answer("GET /jobs/j1/events", R"({"items":[]})");
    Result<ServerLink> link =
        ServerLink::open({.server_url = server.url(), .data_dir = server.folder()});
    JobFeed feed(*link, "/jobs/j1", {});
    EXPECT_EQ(feed.new_events()->size(), 2U);
    EXPECT_TRUE(feed.new_events()->empty());
    EXPECT_EQ(server.seen().back(), "GET /jobs/j1/events?after=9&limit=1000");
}

TEST(JobFeed, ReadsTheAttemptBeforeTheNewestToItsEnd) {
    FakeServer server;
    Result<ServerLink> link =
        ServerLink::open({.server_url = server.url(), .data_dir = server.folder()});
    LogChoice choice;
    choice.streams = {"out"};
    JobFeed feed(*link, "/jobs/j1", choice);
    const auto ignore = [](const LogPiece&) {};
    EXPECT_FALSE(*feed.new_logs(3, ignore));  // no log yet is no error
    EXPECT_EQ(server.seen().size(), 6U) << "and, once, whether it was deleted";
    EXPECT_FALSE(*feed.new_logs(3, ignore));
    EXPECT_EQ(server.seen().size(), 8U);
    EXPECT_EQ(server.seen().back(), "GET /jobs/j1/logs?stream=out&attempt=3&offset=0");
}

}  // namespace
}  // namespace herder::cli
