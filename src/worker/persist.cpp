#include "worker/persist.h"

#include <poll.h>

#include <algorithm>
#include <cstdint>

#include "base/random.h"

namespace herder {

bool may_pass(ErrorCode code) {
    return code == ErrorCode::kRateLimited || code == ErrorCode::kUnavailable ||
           code == ErrorCode::kTimedOut;
}

Status persist(const std::function<Status()>& call, const Persistence& how) {
    Status done = call();
    for (int i = 1; !done && i < how.tries && may_pass(done.error().code); ++i) {
        const std::int64_t base = 500LL << std::min(i - 1, 6);
        const auto jitter = static_cast<std::int64_t>(
            mix64(reinterpret_cast<std::uintptr_t>(&call) + static_cast<std::uint64_t>(i)) %
            static_cast<std::uint64_t>(base));
        pollfd waiting{how.stop_descriptor, POLLIN, 0};
        const std::int64_t asked =
            how.asked_wait != nullptr ? how.asked_wait->whole_milliseconds() : 0;
        if (::poll(&waiting, 1, static_cast<int>(std::max(base / 2, asked) + jitter)) > 0) break;
        done = call();
    }
    return done;
}

}  // namespace herder
