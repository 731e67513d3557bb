#include "base/rfc3339.h"

#include <charconv>
#include <string>

namespace herder {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// All of `count` digits from `from`.
bool read_number(std::string_view text, std::size_t from, std::size_t count, int& out) {
    if (text.size() < from + count) return false;
    const std::string_view part = text.substr(from, count);
    const auto read = std::from_chars(part.data(), part.data() + part.size(), out);
    return is_digit(part.front()) && read.ec == std::errc() && read.ptr == part.data() + count;
}

// Days since 1970-01-01 after H. Hinnant's public days_from_civil.
std::int64_t days_of(int year, int month, int day) {
    const std::int64_t y = month <= 2 ? year - 1 : year;
    const std::int64_t era = y / 400;
    const std::int64_t yoe = y - era * 400;
    const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

// Takes ".25" off the front; nothing where there is none. False for a point without digits.
bool take_fraction(std::string_view& text, std::int64_t& microseconds) {
    if (text.empty() || text.front() != '.') return true;
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text.front())) return false;
    for (std::int64_t unit = 100'000; !text.empty() && is_digit(text.front()); unit /= 10) {
        microseconds += (text.front() - '0') * unit;
        text.remove_prefix(1);
    }
    return true;
}

// "Z", "+01:00": how far the written time is ahead of UTC.
bool read_offset(std::string_view text, Duration& ahead) {
    if (text == "Z" || text == "z") return true;
    int hour = 0, minute = 0;
    const bool is_read = text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
                         read_number(text, 1, 2, hour) && read_number(text, 4, 2, minute) &&
                         hour < 24 && minute < 60;
    ahead = minutes(hour * 60 + minute) * (is_read && text[0] == '-' ? -1 : 1);
    return is_read;
}

}  // namespace

Result<WallTime> parse_rfc3339(std::string_view text) {
    const Error wrong =
        invalid("'" + std::string(text) + "' is not a time like 2026-11-23T20:48:00Z");
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool is_read = read_number(text, 0, 4, year) && read_number(text, 5, 2, month) &&
                         read_number(text, 8, 2, day) && read_number(text, 11, 2, hour) &&
                         read_number(text, 14, 2, minute) && read_number(text, 17, 2, second) &&
                         text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == ' ') &&
                         text[13] == ':' && text[16] == ':';
    if (!is_read || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60)
        return wrong;
    std::string_view rest = text.substr(19);
    std::int64_t fraction = 0;
    Duration ahead;
    if (!take_fraction(rest, fraction) || !read_offset(rest, ahead)) return wrong;
    const WallTime midnight{days_of(year, month, day) * days(1).us};
    // A day that the month has not becomes another one.
    if (day < 1 || to_rfc3339(midnight).substr(0, 10) != text.substr(0, 10)) return wrong;
    return midnight + seconds(hour * 3600 + minute * 60 + second) + microseconds(fraction) +
           ahead * -1;
}

}  // namespace herder
