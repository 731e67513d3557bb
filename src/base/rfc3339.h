#pragma once
// Calendar times as people and programs write them. The other way is to_rfc3339 (time.h).
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace herder {

// "2026-11-23T20:48:00Z", with an optional fraction; instead of Z an offset such as +01:00.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace herder
