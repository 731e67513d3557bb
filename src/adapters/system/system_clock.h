#pragma once
// The machine's clocks. A scale above 1 makes the monotonic one run faster since boot and the
// calendar faster from the moment of construction, so that end-to-end tests run hours in minutes
// with every constant unchanged.
#include <condition_variable>
#include <mutex>

#include "ports/clock.h"

namespace herder {

class SystemClock : public Clock {
  public:
    // `scale_milli`: thousandths of seconds that pass per real millisecond; 1000 is real time.
    explicit SystemClock(std::int64_t scale_milli = 1000);
    Instant monotonic() const override;  // CLOCK_BOOTTIME: counts while suspended
    WallTime wall() const override;
    std::string boot_id() const override;  // clocks of different scales share nothing
    // Blocks the calling thread for `d` of this clock's time.
    // tidy:allow sleep the Clock adapter is the one home of waiting
    void sleep(Duration d) const;
    // The same, or until `changed` is notified; may return sooner. `lock` is held before and after.
    void wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
              Duration d) const;

  private:
    const std::int64_t scale_milli_;
    const std::int64_t wall_start_us_;
    const Instant started_;
};

}  // namespace herder
