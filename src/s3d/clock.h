#pragma once
// The time of the test server: the wall clock, shifted where a test wants a server whose clock is
// wrong, and the monotonic one for shaping.
#include <atomic>

#include "base/time.h"

namespace herder::s3d {

class ServerClock {
  public:
    WallTime wall() const;
    Instant monotonic() const;
    void set_skew(Duration skew) { skew_us_ = skew.us; }
    // Stands still at `time` from now on, for requests that were signed long ago.
    void freeze(WallTime time) { frozen_us_ = time.us; }

  private:
    std::atomic<std::int64_t> skew_us_{0};
    std::atomic<std::int64_t> frozen_us_{0};  // 0: it runs
};

// "20130524T000000Z" and "Fri, 24 May 2013 00:00:00 GMT".
std::string to_amz_date(WallTime time);
std::string to_http_date(WallTime time);
Result<WallTime> parse_amz_date(const std::string& text);

}  // namespace herder::s3d
