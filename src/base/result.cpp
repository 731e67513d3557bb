#include "base/result.h"

namespace herder {

const char* to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalid:
            return "invalid";
        case ErrorCode::kNotFound:
            return "not_found";
        case ErrorCode::kConflict:
            return "conflict";
        case ErrorCode::kUnauthenticated:
            return "unauthenticated";
        case ErrorCode::kForbidden:
            return "forbidden";
        case ErrorCode::kRateLimited:
            return "rate_limited";
        case ErrorCode::kNoCapacity:
            return "no_capacity";
        case ErrorCode::kBudgetExceeded:
            return "budget_exceeded";
        case ErrorCode::kUnavailable:
            return "unavailable";
        case ErrorCode::kTimedOut:
            return "timed_out";
        case ErrorCode::kCancelled:
            return "cancelled";
        case ErrorCode::kCorrupt:
            return "corrupt";
        case ErrorCode::kInternal:
            return "internal";
    }
    return "internal";
}

bool is_retryable(ErrorCode code) {
    return code == ErrorCode::kRateLimited || code == ErrorCode::kUnavailable ||
           code == ErrorCode::kTimedOut || code == ErrorCode::kNoCapacity;
}

}  // namespace herder
