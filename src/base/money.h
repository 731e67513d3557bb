#pragma once
// Money in integer micro-dollars. Usd is an amount, UsdPerHour a rate of one whole machine; the
// only bridge between them is rate * duration. No floating point anywhere in a ledger.
#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace herder {

struct Usd {
    std::int64_t micros = 0;

    auto operator<=>(const Usd&) const = default;
    constexpr Usd operator+(Usd other) const { return {micros + other.micros}; }
    constexpr Usd operator-(Usd other) const { return {micros - other.micros}; }
    constexpr Usd& operator+=(Usd other) {
        micros += other.micros;
        return *this;
    }
};

// Dollars per hour for the whole machine (all its GPUs), never per GPU.
struct UsdPerHour {
    std::int64_t micros = 0;

    auto operator<=>(const UsdPerHour&) const = default;
    constexpr UsdPerHour operator+(UsdPerHour other) const { return {micros + other.micros}; }
    constexpr UsdPerHour operator*(std::int64_t count) const { return {micros * count}; }
};

constexpr Usd usd_micros(std::int64_t n) {
    return {n};
}
constexpr Usd usd_cents(std::int64_t n) {
    return {n * 10'000};
}
constexpr UsdPerHour usd_per_hour_micros(std::int64_t n) {
    return {n};
}

// Rounds half up to the micro-dollar. `d` must not be negative.
Usd operator*(UsdPerHour rate, Duration d);

// Full precision without trailing zeros: "12.4031", "0.62".
std::string to_decimal(Usd amount);
std::string to_decimal(UsdPerHour rate);
// For people: "$12.40", "$0.0031" (at most four digits after the point), "$0.62/h".
std::string to_text(Usd amount);
std::string to_text(UsdPerHour rate);
// "12", "0.25", "$4.00"; at most six digits after the point; refuses negative amounts.
Result<Usd> parse_usd(const std::string& text);

}  // namespace herder
