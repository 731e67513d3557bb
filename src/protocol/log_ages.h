#pragma once
// How long ago the parts of a log chunk were written, as an agent tells it beside the chunk. Ages
// and not times: its calendar may be wrong.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace herder::protocol {

constexpr std::size_t kLogAgesMax = 64;

// From `offset`, counted from the chunk's beginning, on the text is `age` old.
struct LogAge {
    std::int64_t offset = 0;
    Duration age;
    bool operator==(const LogAge&) const = default;
};

// "0:5200,1833:4100": offset and milliseconds.
std::string to_text(const std::vector<LogAge>& ages);
// Empty for an empty text.
Result<std::vector<LogAge>> parse_log_ages(const std::string& text);

}  // namespace herder::protocol
