#include "sim/call_lane.h"

#include <algorithm>
#include <utility>

namespace herder::sim {

void CallLane::add(Call call) {
    waiting_.push_back(std::move(call));
    go_on();
}

void CallLane::hold(Duration wait) {
    if (!is_hasty_) free_ = std::max(free_, stage_.now() + wait);
}

void CallLane::go_on() {
    if (is_busy_ || waiting_.empty()) return;
    is_busy_ = true;
    if (free_ <= stage_.now()) return start();
    stage_.schedule.at(free_, [this] { start(); });
}

void CallLane::start() {
    if (free_ > stage_.now()) {  // pushed back meanwhile
        stage_.schedule.at(free_, [this] { start(); });
        return;
    }
    const Call call = std::move(waiting_.front());
    waiting_.pop_front();
    call([this](bool was_sent) {
        is_busy_ = false;
        if (was_sent) hold(interval_);
        go_on();
    });
}

}  // namespace herder::sim
