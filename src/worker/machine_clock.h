#pragma once
// The machine's clocks: time since boot, which counts through suspension, and the calendar. With a
// scale above 1 time runs that much faster, for end-to-end tests with constants unchanged.
#include "base/time.h"
#include "ports/clock.h"

namespace herder {

class MachineClock : public Clock {
  public:
    explicit MachineClock(std::int64_t scale = 1);

    Instant monotonic() const override;
    WallTime wall() const override;
    // How long to wait in real time for `d` of this clock; at least 0.
    Duration real(Duration d) const;

  private:
    std::int64_t scale_;
    std::int64_t started_us_;
};

// Monotonic and never scaled: networks know no scale.
Instant real_now();

}  // namespace herder
