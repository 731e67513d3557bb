#include "cli/exit_codes.h"

namespace herder::cli {

ExitCode exit_code_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalid:
            return ExitCode::kUsage;
        case ErrorCode::kNotFound:
            return ExitCode::kNotFound;
        case ErrorCode::kUnauthenticated:
        case ErrorCode::kForbidden:
            return ExitCode::kLogin;
        case ErrorCode::kBudgetExceeded:
            return ExitCode::kRefused;
        case ErrorCode::kNoCapacity:
            return ExitCode::kNoCapacity;
        case ErrorCode::kCancelled:
            return ExitCode::kInterrupted;
        case ErrorCode::kConflict:
        case ErrorCode::kRateLimited:
        case ErrorCode::kUnavailable:
        case ErrorCode::kTimedOut:
        case ErrorCode::kCorrupt:
        case ErrorCode::kInternal:
            return ExitCode::kFailed;
    }
    return ExitCode::kFailed;
}

}  // namespace herder::cli
