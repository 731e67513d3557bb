#include "adapters/providers/vast/breaker.h"

#include <algorithm>

namespace herder::vast {

namespace {

constexpr int kFailuresInARow = 5;
constexpr Duration kWindow = minutes(1);
constexpr std::size_t kWindowCallsMin = 10;
constexpr std::size_t kWindowCallsMax = 200;
constexpr Duration kPauseFirst = seconds(5);
constexpr Duration kPauseMax = minutes(1);
// Between two attempts to stop money while nothing else is let through.
constexpr Duration kStopPause = seconds(3);

}  // namespace

Breaker::Way Breaker::way(ProbeRight right, Instant now) const {
    if (!is_open_) return Way::kFree;
    if (is_probing_ || right == ProbeRight::kNever) return Way::kRefused;
    const Instant due = right == ProbeRight::kStopMoney ? std::min(due_, stop_due_) : due_;
    return now >= due ? Way::kProbe : Way::kRefused;
}

Duration Breaker::pause(ProbeRight right, Instant now) const {
    const Instant due = right == ProbeRight::kStopMoney ? std::min(due_, stop_due_) : due_;
    return std::max(due - now, seconds(1));
}

bool Breaker::fails_too_often(Instant now) {
    while (!recent_.empty() &&
           (recent_.size() > kWindowCallsMax || now - recent_.front().first >= kWindow)) {
        recent_.pop_front();
    }
    const auto failed = static_cast<std::size_t>(std::count_if(
        recent_.begin(), recent_.end(), [](const auto& call) { return !call.second; }));
    return recent_.size() >= kWindowCallsMin && failed * 2 > recent_.size();
}

void Breaker::ended(bool was_probe, bool is_good, Instant now) {
    if (was_probe) is_probing_ = false;
    if (is_good && (was_probe || !is_open_)) {
        // What failed before the market came back says nothing about it any more.
        if (is_open_) recent_.clear();
        is_open_ = false;
        failures_in_a_row_ = 0;
        recent_.emplace_back(now, true);
        return;
    }
    // Calls that left before it opened end in their own time and decide nothing.
    if (is_open_ && !was_probe) return;
    if (is_open_) {
        stop_due_ = now + kStopPause;
        if (now < due_) return;  // a probe that only had to stop money: the pause goes on
        pause_ = std::min(pause_ * 2, kPauseMax);
        due_ = now + pause_;
        return;
    }
    ++failures_in_a_row_;
    recent_.emplace_back(now, false);
    if (failures_in_a_row_ < kFailuresInARow && !fails_too_often(now)) return;
    is_open_ = true;
    pause_ = kPauseFirst;
    due_ = now + pause_;
    stop_due_ = now + kStopPause;
}

}  // namespace herder::vast
