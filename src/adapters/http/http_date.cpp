#include "adapters/http/http_date.h"

#include <array>
#include <ctime>

namespace herder::http {

namespace {

// The names of days and months are English in the C locale, which no program here leaves.
constexpr char kForm[] = "%a, %d %b %Y %H:%M:%S GMT";

}  // namespace

std::optional<WallTime> parse_http_date(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), kForm, &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return WallTime{static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000};
}

std::string to_http_date(WallTime time) {
    const std::time_t seconds = static_cast<std::time_t>(time.us / 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), kForm, &parts);
    return text.data();
}

}  // namespace herder::http
