#pragma once
// The option --attempt: one attempt of a job by its number, or all of them.
#include <cstdint>
#include <string>

#include "base/result.h"
#include "protocol/value_json.h"

namespace herder::cli {

struct AttemptChoice {
    std::int64_t first = 1;
    std::int64_t last = 0;  // 0: also those that are yet to come
};
// "3" or "all".
Result<AttemptChoice> choose_attempts(const std::string& text);

Error no_such_attempt(const protocol::Json& job, std::int64_t attempt);

}  // namespace herder::cli
