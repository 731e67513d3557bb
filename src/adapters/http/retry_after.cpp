#include "adapters/http/retry_after.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "adapters/http/http_date.h"

namespace herder::http {

namespace {

// More is a mistake of the server, and would not fit into microseconds.
constexpr std::int64_t kSecondsMax = 86'400;

}  // namespace

Duration retry_after(const Headers& headers) {
    const std::string text(headers.get("retry-after").value_or(""));
    std::int64_t told = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), told);
    if (error == std::errc{} && end == text.data() + text.size())
        return seconds(std::clamp<std::int64_t>(told, 0, kSecondsMax));
    const auto until = parse_http_date(text);
    const auto now = parse_http_date(std::string(headers.get("date").value_or("")));
    if (!until || !now) return {};
    return std::clamp(*until - *now, Duration{}, seconds(kSecondsMax));
}

}  // namespace herder::http
