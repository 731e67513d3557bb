#pragma once
// Long polls that wait for something to say: each has a retry, called when its job's bell rings or
// when its time is over. One thread watches the deadlines.
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "api/live_feed.h"
#include "ports/clock.h"

namespace herder::api {

class ParkedPolls {
  public:
    // Called exactly once, on another thread than the parking one's.
    using Retry = std::function<void()>;

    ParkedPolls(LiveFeed& feed, Clock& clock);
    ~ParkedPolls();
    ParkedPolls(const ParkedPolls&) = delete;
    ParkedPolls& operator=(const ParkedPolls&) = delete;

    void park(JobId job, Instant until, Retry retry);
    // Lets all go; whoever parks afterwards is let go at once.
    void stop();

  private:
    struct Poll {
        Instant until;
        Retry retry;
        LiveFeed::Ticket ticket = 0;
    };
    void let_go(std::uint64_t id);
    void watch();

    LiveFeed& feed_;
    Clock& clock_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, Poll> polls_;  // guarded by mutex_, like all below
    std::uint64_t next_ = 1;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above from its first moment
};

}  // namespace herder::api
