#pragma once
// The market's calendar: the wall clock of its start, plus elapsed real time times a scale, plus
// what an admin has added. The only place of vastsim that reads a clock.
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace herder::vastsim {

// `elapsed` in market time, exact to the microsecond; `scale_milli` is the scale in thousandths.
Duration scaled_elapsed(Duration elapsed, std::int64_t scale_milli);

class MarketClock {
  public:
    explicit MarketClock(std::int64_t scale_milli);
    WallTime now() const;
    void add(Duration d) { wall_ = wall_ + d; }

  private:
    std::int64_t scale_milli_;
    std::chrono::steady_clock::time_point start_;
    WallTime wall_;
};

}  // namespace herder::vastsim
