#include "engine/logical_clock.h"

#include <algorithm>

namespace herder {

LogicalClock::LogicalClock(const Clock& clock) : clock_(clock), started_(clock.monotonic()) {}

Duration LogicalClock::resume(const CommitMark& mark) {
    started_ = clock_.monotonic();
    Duration downtime;
    base_ = kLogicalStart;
    if (mark.seq != 0) {
        downtime = std::clamp(clock_.wall() - mark.wall, Duration{}, kDowntimeMax);
        base_ = mark.logical_now + downtime;
    }
    last_ = base_;
    return downtime;
}

Instant LogicalClock::now() {
    last_ = std::max(last_, base_ + (clock_.monotonic() - started_));
    return last_;
}

Instant LogicalClock::to_monotonic(Instant at) const {
    return at >= kNever ? kNever : started_ + (at - base_);
}

}  // namespace herder
