#pragma once
// The clock that durable deadlines are written in: counts from the store's creation, goes on over
// restarts, and never jumps: base + elapsed monotonic time. The wall clock is asked only once, for
// the time that passed while no process led.
#include "base/time.h"
#include "ports/clock.h"
#include "ports/store.h"

namespace herder {

// A store without a commit begins here and not at 0, which means "never happened" in many rows.
constexpr Instant kLogicalStart{days(1).us};
// A wall clock that was set forward while we were down costs at most this much logical time.
constexpr Duration kDowntimeMax = days(7);

class LogicalClock {
  public:
    explicit LogicalClock(const Clock& clock);

    // Continues from the newest commit and returns the downtime, clamped to [0, kDowntimeMax].
    Duration resume(const CommitMark& mark);

    // Never goes backwards, even if the monotonic clock should.
    Instant now();
    // When the monotonic clock will show the logical moment `at`; kNever stays kNever.
    Instant to_monotonic(Instant at) const;

  private:
    const Clock& clock_;
    Instant base_ = kLogicalStart;
    Instant started_;  // monotonic
    Instant last_ = kLogicalStart;
};

}  // namespace herder
