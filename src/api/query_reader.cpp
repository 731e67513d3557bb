#include "api/query_reader.h"

#include <algorithm>
#include <charconv>

#include "base/rfc3339.h"
#include "base/suggest.h"

namespace herder::api {

void QueryReader::complain(const std::string& name, const std::string& message,
                           const std::string& suggestion) {
    wrong_.push_back({"?" + name, message, suggestion});
}

std::int64_t QueryReader::number(const std::string& name, std::int64_t fallback, std::int64_t min,
                                 std::int64_t max) {
    if (!has(name)) return fallback;
    const std::string said = text(name);
    std::int64_t value = 0;
    const char* end = said.data() + said.size();
    const auto read = std::from_chars(said.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end && value >= min) return std::min(value, max);
    complain(name,
             name + " '" + said + "' is not a whole number of at least " + std::to_string(min));
    return fallback;
}

std::optional<WallTime> QueryReader::time(const std::string& name, WallTime now) {
    if (!has(name)) return std::nullopt;
    const std::string said = text(name);
    if (const Result<WallTime> time = parse_rfc3339(said)) return *time;
    const Result<Duration> before = parse_duration(said);
    if (before && before->us >= 0 && before->us <= now.us) return now + *before * -1;
    complain(name, name + " '" + said +
                       "' is neither a time such as 2026-11-23T20:48:00Z nor how long ago, such "
                       "as 90s, 1h30m or 2d");
    return std::nullopt;
}

bool QueryReader::flag(const std::string& name, bool fallback) {
    return word(name, fallback ? "true" : "false", {"true", "false"}) == "true";
}

std::string QueryReader::word(const std::string& name, const std::string& fallback,
                              const std::vector<std::string>& known) {
    if (!has(name)) return fallback;
    const std::string said = text(name);
    if (std::find(known.begin(), known.end(), said) != known.end()) return said;
    std::string list;
    for (std::size_t i = 0; i < known.size(); ++i) {
        list += (i == 0 ? "" : i + 1 == known.size() ? " or " : ", ") + known[i];
    }
    complain(name, name + " '" + said + "' is not known; use " + list, nearest(said, known));
    return fallback;
}

Page read_page(QueryReader& query, std::int64_t limit) {
    Page page;
    page.limit = static_cast<std::size_t>(query.number("limit", limit, 1, 1000));
    page.cursor = query.text("cursor");
    return page;
}

}  // namespace herder::api
