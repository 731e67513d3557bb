#pragma once
// When which part of a log was written: a file of records beside the log, a second or more apart.
// Times are those of the server's calendar. It holds 1.5 MB at most: then every second record goes.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace herder::api {

// The bytes from `offset` to the next mark were written between these times.
struct LogMark {
    std::int64_t offset = 0;
    WallTime first;
    WallTime last;
    bool operator==(const LogMark&) const = default;
};

// Adds a mark, or makes the last one longer where it is less than a second old.
Status add_log_mark(const std::string& path, const LogMark& mark);
// Empty where there is no file.
std::vector<LogMark> read_log_marks(const std::string& path);

// Where what was written at `since` or later begins: `end` where there is nothing.
std::int64_t begin_since(const std::vector<LogMark>& marks, WallTime since, std::int64_t end);
// Where what was written after `until` begins.
std::int64_t end_until(const std::vector<LogMark>& marks, WallTime until, std::int64_t end);

}  // namespace herder::api
