#include "engine/logical_clock.h"

#include <algorithm>

namespace herder {

LogicalClock::LogicalClock(const Clock& clock) : clock_(clock), started_(clock.monotonic()) {}

Downtime LogicalClock::resume(const CommitMark& mark) {
    started_ = clock_.monotonic();
    boot_id_ = clock_.boot_id();
    Downtime downtime;
    base_ = kLogicalStart;
    if (mark.seq != 0) {
        const bool same_boot = !boot_id_.empty() && boot_id_ == mark.moment.boot_id;
        downtime.in_doubt = !same_boot;
        downtime.length = same_boot
                              ? std::max(started_ - mark.moment.at, Duration{})
                              : std::clamp(clock_.wall() - mark.wall, Duration{}, kDowntimeMax);
        base_ = mark.logical_now + downtime.length;
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
