#include "api/log_segments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <set>
#include <sstream>

#include "base/digest.h"
#include "base/rfc3339.h"

namespace herder::api {

namespace {

constexpr char kFormat[] = "herder-log";
constexpr int kVersion = 1;
// With a line that says by which rule the log was deleted.
constexpr int kDeletedVersion = 2;
constexpr std::size_t kOffsetDigits = 12;
constexpr std::size_t kHashDigits = 32;
constexpr char kNoTime[] = "00000000T000000Z";
constexpr char kLost[] = "-";

std::string digits_of(std::int64_t offset) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%012lld", static_cast<long long>(offset));
    return text.data();
}

bool read_number(std::string_view text, std::int64_t& out) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size() &&
           out >= 0;
}

// "20261128T195500Z"
std::string time_word(WallTime time) {
    if (time.us == 0) return kNoTime;
    std::string text = to_rfc3339(time);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

std::optional<WallTime> parse_time_word(const std::string& word) {
    if (word == kNoTime) return WallTime{};
    if (word.size() != std::string_view(kNoTime).size()) return std::nullopt;
    const auto part = [&word](std::size_t from, std::size_t count) {
        return word.substr(from, count);
    };
    const auto time = parse_rfc3339(part(0, 4) + "-" + part(4, 2) + "-" + part(6, 5) + ":" +
                                    part(11, 2) + ":" + part(13, 3));
    if (!time) return std::nullopt;
    return *time;
}

std::string suffix_of(const std::string& prefix) {
    return prefix.ends_with("/metrics/") ? ".jsonl.gz" : ".log.gz";
}

}  // namespace

std::int64_t LogIndex::next_begin() const {
    if (stored.empty()) return 0;
    return stored.back().is_closed ? stored.back().end : stored.back().begin;
}

const LogSegment* LogIndex::find(std::int64_t offset) const {
    const auto after = std::upper_bound(
        stored.begin(), stored.end(), offset,
        [](std::int64_t place, const LogSegment& segment) { return place < segment.begin; });
    if (after == stored.begin()) return nullptr;
    const LogSegment& segment = *std::prev(after);
    return offset < segment.end ? &segment : nullptr;
}

std::string to_text(const LogIndex& index) {
    std::ostringstream text;
    text << kFormat << ' ' << (index.deletion ? kDeletedVersion : kVersion) << ' '
         << index.local_begin << ' ' << index.prefix << '\n';
    if (index.deletion) {
        text << "deleted " << index.deletion->at.us << ' '
             << (index.deletion->is_done ? "done" : "pending") << ' ' << index.deletion->rule
             << '\n';
    }
    for (const LogSegment& segment : index.stored) {
        text << segment.begin << ' ' << segment.end << ' ' << segment.began.us << ' '
             << (segment.sha256.empty() ? kLost : segment.sha256) << ' '
             << (segment.is_closed ? "closed" : "open") << '\n';
    }
    text << "end\n";
    return text.str();
}

Result<LogIndex> parse_log_index(const std::string& text) {
    const Error corrupt{ErrorCode::kCorrupt, "the list of a log's pieces is damaged"};
    std::istringstream from(text);
    std::string word;
    int version = 0;
    LogIndex index;
    from >> word >> version >> index.local_begin >> index.prefix;
    const bool is_deleted = version == kDeletedVersion;
    if (!from || word != kFormat || (version != kVersion && !is_deleted)) return corrupt;
    if (is_deleted) {
        LogDeletion deletion;
        std::string state;
        from >> word >> deletion.at.us >> state >> deletion.rule;
        if (!from || word != "deleted") return corrupt;
        deletion.is_done = state == "done";
        index.deletion = std::move(deletion);
    }
    while (from >> word && word != "end") {
        LogSegment segment;
        std::string state;
        from >> segment.end >> segment.began.us >> segment.sha256 >> state;
        if (!from || !read_number(word, segment.begin) || segment.end <= segment.begin ||
            segment.begin != index.stored_end())
            return corrupt;
        if (segment.sha256 == kLost) segment.sha256.clear();
        segment.is_closed = state == "closed";
        index.stored.push_back(std::move(segment));
    }
    if (word != "end") return corrupt;
    return index;
}

std::string key_of(const LogIndex& index, const LogSegment& segment) {
    return index.prefix + digits_of(segment.begin) + "-" + digits_of(segment.end) + "-" +
           time_word(segment.began) + "-" + segment.sha256.substr(0, kHashDigits) +
           suffix_of(index.prefix);
}

std::optional<LogSegment> parse_segment_key(const std::string& prefix, const std::string& key) {
    const std::string suffix = suffix_of(prefix);
    if (!key.starts_with(prefix) || !key.ends_with(suffix)) return std::nullopt;
    std::string name = key.substr(prefix.size());
    name.resize(name.size() - std::min(name.size(), suffix.size()));
    std::array<std::string, 4> words;
    std::istringstream from(name);
    for (std::string& word : words) {
        if (!std::getline(from, word, '-')) return std::nullopt;
    }
    LogSegment segment;
    const auto began = parse_time_word(words[2]);
    const bool is_hash = words[3].size() == kHashDigits &&
                         words[3].find_first_not_of("0123456789abcdef") == std::string::npos;
    if (words[0].size() < kOffsetDigits || !read_number(words[0], segment.begin) ||
        !read_number(words[1], segment.end) || segment.end <= segment.begin || !began || !is_hash ||
        from.rdbuf()->in_avail() > 0)
        return std::nullopt;
    segment.began = *began;
    segment.sha256 = words[3];
    return segment;
}

LogIndex index_of(const std::string& prefix, const std::vector<ObjectInfo>& found) {
    std::vector<LogSegment> all;
    for (const ObjectInfo& object : found) {
        if (auto segment = parse_segment_key(prefix, object.key))
            all.push_back(std::move(*segment));
    }
    std::set<std::int64_t> begins;
    for (const LogSegment& segment : all)
        begins.insert(segment.begin);
    // Of those that begin at one place the longest: the others are what it took the place of. But
    // an unfinished one that a crash left may be longer than the one that was closed at the end of
    // a line, where the next one goes on.
    std::sort(all.begin(), all.end(), [&](const LogSegment& a, const LogSegment& b) {
        if (a.begin != b.begin) return a.begin < b.begin;
        const bool a_goes_on = begins.contains(a.end), b_goes_on = begins.contains(b.end);
        return a_goes_on != b_goes_on ? a_goes_on : a.end > b.end;
    });
    LogIndex index;
    index.prefix = prefix;
    for (LogSegment& segment : all) {
        const std::int64_t end = index.stored_end();
        if (segment.begin < end) continue;
        if (segment.begin > end) index.stored.push_back({end, segment.begin, {}, {}, true});
        index.stored.push_back(std::move(segment));
    }
    index.local_begin = index.stored_end();
    return index;
}

bool is_of(const LogSegment& segment, std::string_view text) {
    return !segment.sha256.empty() &&
           static_cast<std::int64_t>(text.size()) == segment.end - segment.begin &&
           sha256_hex(text).starts_with(segment.sha256);
}

std::size_t closed_size(std::string_view text) {
    text = text.substr(0, kSegmentSize);
    const std::size_t line = text.rfind('\n');
    return line == std::string_view::npos ? text.size() : line + 1;
}

}  // namespace herder::api
