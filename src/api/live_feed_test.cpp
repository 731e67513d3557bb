#include "api/live_feed.h"

#include <gtest/gtest.h>

namespace herder::api {
namespace {

TEST(LiveFeed, RingsForTheJobAndForThoseWhoListenToAll) {
    LiveFeed feed;
    int one = 0;
    int all = 0;
    const LiveFeed::Ticket ticket = feed.listen(JobId{1}, [&] { ++one; });
    feed.listen(JobId{}, [&] { ++all; });
    feed.ring(JobId{1});
    feed.ring(JobId{2});
    EXPECT_EQ(one, 1);
    EXPECT_EQ(all, 2);
    feed.forget(ticket);
    feed.ring(JobId{1});
    EXPECT_EQ(one, 1);
}

}  // namespace
}  // namespace herder::api
