#pragma once
// Reads the log of a job over its attempts: from a place on, or the part of a time or of the last
// lines. Everything here may wait for the artifact store: for the files' thread.
#include <cstdint>
#include <optional>
#include <string>

#include "api/log_store.h"
#include "api/problem_json.h"
#include "api/query_reader.h"

namespace herder::api {

// Where a reader stands.
struct LogPlace {
    LogName name;  // the attempt at hand
    std::uint64_t last_fence = 1;
    std::int64_t offset = 0;
};

// Up to `limit` bytes, over as many attempts as needed, and moves the place behind them. An error
// only where nothing could be read before it.
Result<std::string> read_on(LogStore& logs, LogPlace& place, std::size_t limit);

// The same for whoever reads all attempts as one text: behind its first bytes, what cannot be read
// is said in a line of its own, and the text goes on behind it.
Result<std::string> read_all_on(LogStore& logs, LogPlace& place, std::size_t limit);

// How much lies here that cannot be read, to the end of the lost piece or to what is on this disk;
// 0: all that is left of this attempt.
std::int64_t unreadable_size(LogStore& logs, const LogPlace& place, ErrorCode why);

// A line that says what is missing at this place.
std::string missing_line(const LogPlace& place, const Error& error);

// What is wrong at this place, with where the log goes on.
Problem why_unread(LogStore& logs, const LogPlace& place, const Error& error);

Error no_attempt(JobId job, std::uint64_t attempt, std::uint64_t newest);

struct LogWindow {
    std::optional<WallTime> since{};
    std::optional<WallTime> until{};
    std::size_t tail = 0;  // lines at its end; 0: all
};
// `since` and `until` of a query; log_routes_json.cpp.
LogWindow read_window(QueryReader& query, WallTime now);

struct LogRange {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t size = 0;
    std::optional<WallTime> first;  // when its first and its last bytes were written
    std::optional<WallTime> last;
    LogIndex index;
};
// The part of one attempt's stream that lies in the window, in whole lines.
Result<LogRange> find_range(LogStore& logs, const LogName& name, const LogWindow& window);

}  // namespace herder::api
