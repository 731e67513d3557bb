#pragma once
// The clock that durable deadlines are written in: counts from the store's creation, goes on over
// restarts, and never jumps: base + elapsed monotonic time. Time that passed while no process led
// is read from the same monotonic clock; only after a reboot, or on another machine, the wall clock
// is asked, and what it says is in doubt.
#include <string>

#include "base/time.h"
#include "ports/clock.h"
#include "ports/store.h"

namespace herder {

// A store without a commit begins here and not at 0, which means "never happened" in many rows.
constexpr Instant kLogicalStart{days(1).us};
// A wall clock that was set forward while we were down costs at most this much logical time.
constexpr Duration kDowntimeMax = days(7);

// How long no process led.
struct Downtime {
    Duration length;
    bool in_doubt = false;  // by the wall clock, which may have been set meanwhile
};

class LogicalClock {
  public:
    explicit LogicalClock(const Clock& clock);

    // Continues from the newest commit. A downtime by the wall clock is clamped to
    // [0, kDowntimeMax].
    Downtime resume(const CommitMark& mark);

    // Never goes backwards, even if the monotonic clock should.
    Instant now();
    // When the monotonic clock will show the logical moment `at`; kNever stays kNever.
    Instant to_monotonic(Instant at) const;
    // To be stored with the commit of the logical moment `at`.
    BootMoment moment_of(Instant at) const { return {boot_id_, to_monotonic(at)}; }

  private:
    const Clock& clock_;
    std::string boot_id_;
    Instant base_ = kLogicalStart;
    Instant started_;  // monotonic
    Instant last_ = kLogicalStart;
};

}  // namespace herder
