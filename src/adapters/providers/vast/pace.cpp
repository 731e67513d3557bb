#include "adapters/providers/vast/pace.h"

#include <algorithm>

namespace herder::vast {

namespace {

// Calls of POST /bundles/: ten a minute and address are allowed; one stays in reserve for whoever
// else searches from here. (Vast.ai documentation, snapshot of 2026-08-07.)
constexpr std::size_t kSearchesPerPeriod = 9;
constexpr Duration kSearchPeriod = seconds(60);
// The lock-out that the create route's description calls "penalty".
constexpr Duration kCreatePenalty = seconds(12);
constexpr Duration kRefusalWaitMax = seconds(120);

}  // namespace

Pace::Pace(const Clock& clock, Sleep sleep) : clock_(clock), sleep_(std::move(sleep)) {}

Duration Pace::reserve(Route route) {
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_[static_cast<std::size_t>(route)];
    const Instant now = clock_.monotonic();
    Instant slot = std::max(now, lane.free);
    if (route == Route::kSearch) {
        if (lane.sent.size() >= kSearchesPerPeriod) {
            slot = std::max(slot, lane.sent.front() + kSearchPeriod);
            lane.sent.pop_front();
        }
        lane.sent.push_back(slot);
    }
    lane.free = slot + interval_of(route);
    return slot - now;
}

void Pace::wait_for_turn(Route route) {
    const Duration wait = reserve(route);
    if (wait > Duration{}) sleep_(wait);
}

void Pace::note_answer(Route route) {
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_[static_cast<std::size_t>(route)];
    lane.free = std::max(lane.free, clock_.monotonic() + interval_of(route));
}

void Pace::note_refusal(Route route, Duration wait) {
    Duration pause = std::max(wait, interval_of(route) * 2);
    if (route == Route::kCreate) pause = std::max(pause, kCreatePenalty);
    if (route == Route::kSearch) pause = std::max(pause, kSearchPeriod / 10);
    pause = std::min(pause, kRefusalWaitMax);
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_[static_cast<std::size_t>(route)];
    lane.free = std::max(lane.free, clock_.monotonic() + pause);
}

}  // namespace herder::vast
