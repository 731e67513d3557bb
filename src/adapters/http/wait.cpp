#include "adapters/http/wait.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace herder::http {
namespace {

// Far enough for "forever", and safe to add to now().
constexpr Duration kLongest = days(365);

int milliseconds_until(Wait::Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Wait::Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

Wait Wait::from_now(Duration timeout, const CancelToken* cancel) {
    const Duration capped = std::clamp(timeout, Duration{0}, kLongest);
    return {Clock::now() + std::chrono::microseconds(capped.us), cancel};
}

Wait Wait::capped(Duration timeout) const {
    const Wait other = from_now(timeout, cancel);
    return {std::min(deadline, other.deadline), cancel};
}

Status check_wait(const Wait& wait) {
    if (wait.cancel != nullptr && wait.cancel->is_cancelled()) {
        return Error{ErrorCode::kCancelled, "cancelled"};
    }
    if (Wait::Clock::now() >= wait.deadline) {
        return Error{ErrorCode::kTimedOut, "the time allowed was over"};
    }
    return ok();
}

Status wait_for(int descriptor, short events, const Wait& wait) {
    while (true) {
        if (wait.cancel != nullptr && wait.cancel->is_cancelled()) {
            return Error{ErrorCode::kCancelled, "cancelled"};
        }
        // poll() skips negative descriptors.
        pollfd watched[2] = {{descriptor, events, 0},
                             {wait.cancel != nullptr ? wait.cancel->descriptor() : -1, POLLIN, 0}};
        const int timeout = milliseconds_until(wait.deadline);
        const int count = ::poll(watched, 2, timeout);
        if (count < 0 && errno != EINTR) return internal("poll failed");
        if (count > 0 && watched[0].revents != 0) return ok();
        if (count == 0 && Wait::Clock::now() >= wait.deadline) {
            return Error{ErrorCode::kTimedOut, "no answer within the time allowed"};
        }
    }
}

bool is_ready(int descriptor, short events) {
    pollfd watched{descriptor, events, 0};
    return ::poll(&watched, 1, 0) > 0;
}

}  // namespace herder::http
