#pragma once
// Time as integers in microseconds, with one type per meaning. No clock is read here: functions
// take `now`; only ports/clock.h asks the system.
#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace herder {

// A span of time. May be negative only as an intermediate difference.
struct Duration {
    std::int64_t us = 0;

    auto operator<=>(const Duration&) const = default;
    constexpr Duration operator+(Duration other) const { return {us + other.us}; }
    constexpr Duration operator-(Duration other) const { return {us - other.us}; }
    constexpr Duration operator*(std::int64_t factor) const { return {us * factor}; }
    constexpr Duration operator/(std::int64_t divisor) const { return {us / divisor}; }
    constexpr Duration& operator+=(Duration other) {
        us += other.us;
        return *this;
    }
    constexpr std::int64_t whole_seconds() const { return us / 1'000'000; }
    constexpr std::int64_t whole_milliseconds() const { return us / 1'000; }
};

constexpr Duration microseconds(std::int64_t n) {
    return {n};
}
constexpr Duration milliseconds(std::int64_t n) {
    return {n * 1'000};
}
constexpr Duration seconds(std::int64_t n) {
    return {n * 1'000'000};
}
constexpr Duration minutes(std::int64_t n) {
    return seconds(n * 60);
}
constexpr Duration hours(std::int64_t n) {
    return minutes(n * 60);
}
constexpr Duration days(std::int64_t n) {
    return hours(n * 24);
}
constexpr Duration kForever{INT64_MAX / 4};

// A moment on a clock that never jumps and is comparable only within its own clock. In the core it
// is the store's logical clock: it counts from the store's creation and survives restarts.
struct Instant {
    std::int64_t us = 0;

    auto operator<=>(const Instant&) const = default;
    constexpr Instant operator+(Duration d) const { return {us + d.us}; }
    constexpr Instant operator-(Duration d) const { return {us - d.us}; }
    constexpr Duration operator-(Instant other) const { return {us - other.us}; }
};
constexpr Instant kNever{INT64_MAX / 2};

// A calendar moment: microseconds since the Unix epoch, UTC. For people, ledger days and tokens;
// no deadline and no lease is ever computed from it.
struct WallTime {
    std::int64_t us = 0;

    auto operator<=>(const WallTime&) const = default;
    constexpr WallTime operator+(Duration d) const { return {us + d.us}; }
    constexpr Duration operator-(WallTime other) const { return {us - other.us}; }
    // Days since 1970-01-01 UTC: the key of a ledger day.
    constexpr std::int64_t day() const { return us / days(1).us; }
};

// "2h 47m", "45s", "1.5s", "0s".
std::string to_text(Duration d);
// "2026-11-23T20:48:00Z".
std::string to_rfc3339(WallTime t);
// Accepts "30s", "10m", "1h30m", "2d" and a bare number of seconds.
Result<Duration> parse_duration(const std::string& text);

}  // namespace herder
