#pragma once
// So many calls in a period, whoever makes them: the market counts searches by address. A call
// counts from before it leaves until the period after its answer, because when it arrived over
// there is not known. Pure.
#include <cstddef>
#include <deque>

#include "base/time.h"

namespace herder::vast {

class CallQuota {
  public:
    CallQuota(std::size_t calls_max, Duration period) : calls_max_(calls_max), period_(period) {}

    // When the next call may leave; kNever: not before one that is on its way has ended.
    Instant free_at(Instant now);
    void began() { ++on_their_way_; }
    void dropped() { --on_their_way_; }
    void ended(Instant now) {
        --on_their_way_;
        ended_.push_back(now);
    }

  private:
    const std::size_t calls_max_;
    const Duration period_;
    std::size_t on_their_way_ = 0;
    std::deque<Instant> ended_;  // within the period
};

}  // namespace herder::vast
