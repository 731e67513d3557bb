#include "api/log_reader.h"

#include <algorithm>

namespace herder::api {

namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kTailBytesMax = 16 << 20;
constexpr WallTime kUnknown{INT64_MAX / 2};

// The first place at or behind `offset` where a line begins; `offset` where the line is very long.
Result<std::int64_t> line_begin(LogStore& logs, const LogName& name, std::int64_t offset) {
    if (offset == 0) return offset;
    const Result<std::string> text = logs.read(name, offset - 1, kChunk);
    // Whoever reads on from here meets the lost part, and is told of it.
    if (!text && text.error().code == ErrorCode::kCorrupt) return offset;
    if (!text) return text.error();
    const std::size_t line = text->find('\n');
    return line == std::string::npos ? offset : offset + static_cast<std::int64_t>(line);
}

// Where the last `count` lines before `range.end` begin.
Result<std::int64_t> tail_begin(LogStore& logs, const LogName& name, const LogRange& range,
                                std::size_t count) {
    std::int64_t at = range.end;
    const std::int64_t least =
        std::max(range.begin, range.end - static_cast<std::int64_t>(kTailBytesMax));
    while (at > least) {
        const std::int64_t from = std::max(least, at - static_cast<std::int64_t>(kChunk));
        std::string text;
        while (static_cast<std::int64_t>(text.size()) < at - from) {
            const Result<std::string> more =
                logs.read(name, from + static_cast<std::int64_t>(text.size()),
                          static_cast<std::size_t>(at - from) - text.size());
            const bool is_lost = !more && more.error().code == ErrorCode::kCorrupt;
            if (is_lost) return from + static_cast<std::int64_t>(text.size());
            if (!more) return more.error();
            if (more->empty()) break;
            text += *more;
        }
        for (std::size_t i = text.size(); i > 0; --i) {
            // The end of the last line begins none.
            const bool is_last = from + static_cast<std::int64_t>(i) == range.end;
            if (text[i - 1] == '\n' && !is_last && --count == 0)
                return from + static_cast<std::int64_t>(i);
        }
        at = from;
    }
    return least;
}

void add_times(const std::vector<LogMark>& marks, LogRange& range) {
    for (const LogMark& mark : marks) {
        if (mark.offset >= range.end) break;
        if (mark.offset <= range.begin || !range.first) range.first = mark.first;
        if (mark.last < kUnknown) range.last = mark.last;
    }
}

}  // namespace

namespace {

// False where there is none.
bool go_to_next_attempt(LogPlace& place) {
    if (place.name.attempt.fence.value >= place.last_fence) return false;
    ++place.name.attempt.fence.value;
    place.offset = 0;
    return true;
}

Error with_place(const LogPlace& place, const Error& error) {
    return error.with_context("attempt " + std::to_string(place.name.attempt.fence.value) + " of " +
                              to_text(place.name.attempt.job) + ", " + place.name.stream);
}

}  // namespace

Result<std::string> read_on(LogStore& logs, LogPlace& place, std::size_t limit) {
    std::string all;
    while (all.size() < limit) {
        Result<std::string> text =
            logs.read(place.name, place.offset, std::min(kChunk, limit - all.size()));
        if (!text) return all.empty() ? text : all;
        place.offset += static_cast<std::int64_t>(text->size());
        all += *text;
        if (text->empty() && !go_to_next_attempt(place)) break;
    }
    return all;
}

Result<std::string> read_all_on(LogStore& logs, LogPlace& place, std::size_t limit) {
    std::string all;
    while (all.size() < limit) {
        // Stops before what cannot be read, and fails there.
        Result<std::string> text = read_on(logs, place, limit - all.size());
        if (text && text->empty()) break;
        if (text) {
            all += *text;
            continue;
        }
        if (all.empty()) return text;
        all += missing_line(place, text.error());
        const std::int64_t size = unreadable_size(logs, place, text.error().code);
        place.offset += size;
        if (size == 0 && !go_to_next_attempt(place)) break;
    }
    return all;
}

std::int64_t unreadable_size(LogStore& logs, const LogPlace& place, ErrorCode why) {
    const auto index = logs.index(place.name);
    const bool is_lost = why == ErrorCode::kCorrupt;
    const LogSegment* segment = index && is_lost ? index->find(place.offset) : nullptr;
    if (segment != nullptr) return segment->end - place.offset;
    if (index && index->local_begin > place.offset) return index->local_begin - place.offset;
    return 0;
}

std::string missing_line(const LogPlace& place, const Error& error) {
    return "\n[herder: " + with_place(place, error).message + "]\n";
}

Problem why_unread(LogStore& logs, const LogPlace& place, const Error& error) {
    Problem problem(with_place(place, error));
    if (error.code != ErrorCode::kCorrupt) return problem;
    const Result<LogIndex> index = logs.index(place.name);
    const LogSegment* segment = index ? index->find(place.offset) : nullptr;
    if (segment == nullptr) return problem;
    problem.complaints.push_back({"?offset", "what is left of the log goes on behind the lost part",
                                  std::to_string(segment->end)});
    return problem;
}

Error no_attempt(JobId job, std::uint64_t attempt, std::uint64_t newest) {
    return not_found("job " + to_text(job) + " has no attempt " + std::to_string(attempt) +
                     "; it has " + std::to_string(newest));
}

Result<LogRange> find_range(LogStore& logs, const LogName& name, const LogWindow& window) {
    Result<LogIndex> index = logs.index(name);
    if (!index) return index.error();
    LogRange range;
    range.index = std::move(*index);
    range.size = range.end = logs.size(name);
    if (range.size == 0) return range;
    const auto marks = logs.marks(name);
    if (!marks) return marks.error();
    if (window.until) {
        const auto end = line_begin(logs, name, end_until(*marks, *window.until, range.end));
        if (!end) return end.error();
        range.end = std::min(*end, range.size);
    }
    if (window.since) {
        const auto begin = line_begin(logs, name, begin_since(*marks, *window.since, range.end));
        if (!begin) return begin.error();
        range.begin = std::min(*begin, range.end);
    }
    if (window.tail > 0) {
        const auto begin = tail_begin(logs, name, range, window.tail);
        if (!begin) return begin.error();
        range.begin = *begin;
    }
    add_times(*marks, range);
    return range;
}

}  // namespace herder::api
