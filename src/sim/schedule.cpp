#include "sim/schedule.h"

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace herder::sim {

void Schedule::at(Instant when, Action action) {
    const std::uint64_t number = ++sequence_;
    std::uint32_t slot = static_cast<std::uint32_t>(slots_.size());
    if (free_.empty()) {
        slots_.push_back(std::move(action));
    } else {
        slot = free_.back();
        free_.pop_back();
        slots_[slot] = std::move(action);
    }
    const std::uint64_t tiebreak = shuffle_ == 0 ? number : mix64(shuffle_ ^ number);
    heap_.push_back({std::max(when, now_).us, tiebreak, slot});
    std::push_heap(heap_.begin(), heap_.end());
}

bool Schedule::run_next(Instant until) {
    if (heap_.empty() || heap_.front().when > until.us) {
        now_ = std::max(now_, until);
        return false;
    }
    std::pop_heap(heap_.begin(), heap_.end());
    const Entry entry = heap_.back();
    heap_.pop_back();
    now_ = Instant{entry.when};
    Action action = std::move(slots_[entry.slot]);
    slots_[entry.slot] = nullptr;
    free_.push_back(entry.slot);
    ++run_;
    action();
    return true;
}

}  // namespace herder::sim
