#include "base/time.h"

#include <array>
#include <cstdio>

namespace herder {

std::string to_text(Duration d) {
    if (d.us < 0) return "-" + to_text(Duration{-d.us});
    const std::int64_t total = d.whole_seconds();
    std::array<char, 48> text{};
    if (total >= 86400) {
        std::snprintf(text.data(), text.size(), "%lldd %02lldh",
                      static_cast<long long>(total / 86400),
                      static_cast<long long>(total % 86400 / 3600));
    } else if (total >= 3600) {
        std::snprintf(text.data(), text.size(), "%lldh %02lldm",
                      static_cast<long long>(total / 3600),
                      static_cast<long long>(total % 3600 / 60));
    } else if (total >= 60) {
        std::snprintf(text.data(), text.size(), "%lldm %02llds", static_cast<long long>(total / 60),
                      static_cast<long long>(total % 60));
    } else if (total >= 10 || d.us % 1'000'000 == 0) {
        std::snprintf(text.data(), text.size(), "%llds", static_cast<long long>(total));
    } else {
        std::snprintf(text.data(), text.size(), "%.1fs", static_cast<double>(d.us) / 1e6);
    }
    return text.data();
}

std::string to_rfc3339(WallTime t) {
    // Civil-from-days after H. Hinnant's public algorithm; years 1970-9999.
    const std::int64_t day_number = t.day() + 719468;
    const std::int64_t era = day_number / 146097;
    const std::int64_t doe = day_number - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const std::int64_t d = doy - (153 * mp + 2) / 5 + 1;
    const std::int64_t m = mp < 10 ? mp + 3 : mp - 9;
    const std::int64_t y = yoe + era * 400 + (m <= 2 ? 1 : 0);
    const std::int64_t s = t.us / 1'000'000 % 86400;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ",
                  static_cast<long long>(y), static_cast<long long>(m), static_cast<long long>(d),
                  static_cast<long long>(s / 3600), static_cast<long long>(s % 3600 / 60),
                  static_cast<long long>(s % 60));
    return text.data();
}

namespace {

std::int64_t seconds_of_unit(char unit) {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3600;
        case 'd':
            return 86400;
        case 'w':
            return 604800;
        default:
            return 0;
    }
}

}  // namespace

Result<Duration> parse_duration(const std::string& text) {
    const Error error =
        invalid("'" + text + "' is not a duration; write for example 30s, 10m, 1h30m or 2d");
    std::int64_t total = 0;
    std::size_t i = 0;
    if (text.empty()) return error;
    while (i < text.size()) {
        std::int64_t number = 0;
        const std::size_t start = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
            number = number * 10 + (text[i++] - '0');
            if (number > 1'000'000'000) return error;
        }
        if (i == start) return error;
        if (i == text.size()) {
            if (start != 0) return error;
            return seconds(number);
        }
        const std::int64_t unit = seconds_of_unit(text[i++]);
        if (unit == 0) return error;
        total += number * unit;
    }
    return seconds(total);
}

}  // namespace herder
