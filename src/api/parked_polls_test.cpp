#include "api/parked_polls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace herder::api {
namespace {

class HandClock : public Clock {
  public:
    Instant monotonic() const override { return Instant{now.load()}; }
    WallTime wall() const override { return {}; }
    std::atomic<std::int64_t> now{1};
};

TEST(ParkedPolls, LetsGoWhenTheJobsBellRingsAndOnlyOnce) {
    LiveFeed feed;
    HandClock clock;
    ParkedPolls parked(feed, clock);
    int calls = 0;
    parked.park(JobId{1}, kNever, [&] { ++calls; });
    feed.ring(JobId{2});
    EXPECT_EQ(calls, 0);
    feed.ring(JobId{1});
    feed.ring(JobId{1});
    EXPECT_EQ(calls, 1);
}

TEST(ParkedPolls, LetsGoWhenTheTimeIsOver) {
    LiveFeed feed;
    HandClock clock;
    ParkedPolls parked(feed, clock);
    std::promise<void> done;
    parked.park(JobId{1}, Instant{100}, [&] { done.set_value(); });
    clock.now = 100;
    done.get_future().wait();
}

TEST(ParkedPolls, LetsAllGoAtTheEnd) {
    LiveFeed feed;
    HandClock clock;
    ParkedPolls parked(feed, clock);
    std::atomic<int> calls = 0;
    parked.park(JobId{1}, kNever, [&] { ++calls; });
    parked.park(JobId{2}, kNever, [&] { ++calls; });
    parked.stop();
    EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace herder::api
