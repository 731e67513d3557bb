#pragma once
// Waiting on descriptors with a deadline and a cancel token. Private to this folder.
#include <chrono>

#include "adapters/http/cancel.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::http {

struct Wait {
    using Clock = std::chrono::steady_clock;
    Clock::time_point deadline;
    const CancelToken* cancel = nullptr;

    static Wait from_now(Duration timeout, const CancelToken* cancel);
    // The same with a deadline at most `timeout` from now.
    Wait capped(Duration timeout) const;
};

// Whether there is still time and no cancellation: to be asked before what cannot be undone.
Status check_wait(const Wait& wait);
// Until `descriptor` has one of poll()'s `events`. kTimedOut or kCancelled otherwise.
Status wait_for(int descriptor, short events, const Wait& wait);
// The same without waiting.
bool is_ready(int descriptor, short events);

}  // namespace herder::http
