#include "s3d/clock.h"

#include <array>
#include <chrono>
#include <ctime>

namespace herder::s3d {

namespace {

std::string format(WallTime time, const char* pattern) {
    const std::time_t seconds = static_cast<std::time_t>(time.us / 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), pattern, &parts);
    return text.data();
}

}  // namespace

WallTime ServerClock::wall() const {
    if (frozen_us_ != 0) return WallTime{frozen_us_};
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return WallTime{std::chrono::duration_cast<std::chrono::microseconds>(now).count() + skew_us_};
}

Instant ServerClock::monotonic() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

std::string to_amz_date(WallTime time) {
    return format(time, "%Y%m%dT%H%M%SZ");
}

std::string to_http_date(WallTime time) {
    return format(time, "%a, %d %b %Y %H:%M:%S GMT");
}

Result<WallTime> parse_amz_date(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y%m%dT%H%M%SZ", &parts);
    if (end == nullptr || *end != '\0' || text.size() != 16) {
        return invalid("'" + text + "' is no date of the form 20130524T000000Z");
    }
    return WallTime{static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000};
}

}  // namespace herder::s3d
