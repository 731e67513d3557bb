#include "worker/link_turns.h"

#include <algorithm>

namespace herder {
namespace {

// How late it may be noticed that a turn is over. Asked for only by those who wait.
constexpr Duration kLook = milliseconds(100);

}  // namespace

LinkTurns::Turn::Turn(LinkTurns& turns, TransferClass what) : turns_(turns), what_(what) {
    const std::lock_guard lock(turns_.mutex_);
    turns_.order_.began(what_);
}

LinkTurns::Turn::~Turn() {
    const std::lock_guard lock(turns_.mutex_);
    turns_.order_.ended(what_);
}

void LinkTurns::stop() {
    const std::lock_guard lock(mutex_);
    order_.stop();
}

bool LinkTurns::is_stopping() const {
    const std::lock_guard lock(mutex_);
    return order_.is_stopping();
}

bool LinkTurns::wait(TransferClass what, const std::function<bool(Duration)>& nap) const {
    const Instant ready = now_();
    const auto left = [&] {
        const std::lock_guard lock(mutex_);
        return order_.wait_left(what, ready, now_());
    };
    bool has_waited = false;
    for (Duration wait = left(); wait > Duration{}; wait = left()) {
        has_waited = true;
        if (!nap(std::min(wait, kLook))) break;
    }
    return has_waited;
}

}  // namespace herder
