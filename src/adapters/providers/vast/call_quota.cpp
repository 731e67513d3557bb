#include "adapters/providers/vast/call_quota.h"

namespace herder::vast {

Instant CallQuota::free_at(Instant now) {
    while (!ended_.empty() && now - ended_.front() >= period_)
        ended_.pop_front();
    if (on_their_way_ + ended_.size() < calls_max_) return now;
    if (on_their_way_ >= calls_max_) return kNever;
    // So many of the oldest must have left the period.
    const std::size_t too_many = on_their_way_ + ended_.size() - calls_max_;
    return ended_[too_many] + period_;
}

}  // namespace herder::vast
