#pragma once
// Keeps the calls of one account apart as the market demands: a minimum interval for each route,
// and what a 429 asked for. Shared by all clients of one key; not a retry policy.
#include <array>
#include <deque>
#include <functional>
#include <mutex>

#include "adapters/providers/vast/route.h"
#include "base/time.h"
#include "ports/clock.h"

namespace herder::vast {

// Suspends the calling thread, in the clock's time.
using Sleep = std::function<void(Duration)>;

class Pace {
  public:
    // Both are used from every thread that calls; `clock` must outlive this.
    Pace(const Clock& clock, Sleep sleep);

    // Returns when a call to `route` may be sent. Thread-safe: callers get slots one after another.
    void wait_for_turn(Route route);
    // The answer is here. The interval counts from now, since when the call arrived over there is
    // not known.
    void note_answer(Route route);
    // Waits for something else than a turn, in the same time.
    void pause(Duration duration) const { sleep_(duration); }
    // The market refused for frequency and asks for at least `wait` (0: it did not say).
    void note_refusal(Route route, Duration wait);

  private:
    struct Lane {
        Instant free;              // the next call may leave then
        std::deque<Instant> sent;  // only for routes with a number of calls per period
    };
    Duration reserve(Route route);

    const Clock& clock_;
    const Sleep sleep_;
    std::mutex mutex_;  // guards lanes_
    std::array<Lane, kRouteCount> lanes_;
};

}  // namespace herder::vast
