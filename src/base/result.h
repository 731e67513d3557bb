#pragma once
// Result<T>: a value or an Error, never ignored silently. For what can fail in normal operation;
// broken invariants are HERDER_ASSERT.
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <variant>

namespace herder {

// Closed and small: only what a caller branches on.
enum class ErrorCode {
    kInvalid,
    kNotFound,
    kConflict,
    kUnauthenticated,
    kForbidden,
    kRateLimited,
    kNoCapacity,
    kBudgetExceeded,
    kUnavailable,
    kTimedOut,
    kCancelled,
    kCorrupt,
    kInternal,
};

// The stable lower-case word used in JSON, logs and exit codes, such as "not_found".
const char* to_string(ErrorCode code);

// True where the same call may succeed later without anybody changing anything.
bool is_retryable(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;

    // Prefixes `what`: "renting offer 12: connection refused".
    Error with_context(const std::string& what) const { return {code, what + ": " + message}; }
    bool operator==(const Error&) const = default;
};

template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using Base = tl::expected<T, Error>;
    using Base::Base;
    Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: implicit on purpose
    Result(Base base) : Base(std::move(base)) {}                   // NOLINT: implicit on purpose

    Result with_context(const std::string& what) && {
        if (this->has_value()) return std::move(*this);
        return this->error().with_context(what);
    }
};

inline Error invalid(std::string message) {
    return {ErrorCode::kInvalid, std::move(message)};
}
inline Error not_found(std::string message) {
    return {ErrorCode::kNotFound, std::move(message)};
}
inline Error unavailable(std::string message) {
    return {ErrorCode::kUnavailable, std::move(message)};
}
inline Error internal(std::string message) {
    return {ErrorCode::kInternal, std::move(message)};
}

// A Result without a value: `return ok();`.
using Status = Result<std::monostate>;
inline Status ok() {
    return std::monostate{};
}

}  // namespace herder
