#include "base/money.h"

#include <array>
#include <cstdio>

#include "base/assert.h"

namespace herder {

Usd operator*(UsdPerHour rate, Duration d) {
    HERDER_ASSERT(d.us >= 0);
    // 128 bits: 1,000 $/h over ten years would overflow 64.
    const auto hour = static_cast<__uint128_t>(hours(1).us);
    const auto product = static_cast<__uint128_t>(rate.micros < 0 ? -rate.micros : rate.micros) *
                         static_cast<__uint128_t>(d.us);
    const auto micros = static_cast<std::int64_t>((product + hour / 2) / hour);
    return {rate.micros < 0 ? -micros : micros};
}

namespace {

std::string decimal(std::int64_t micros, int digits_min, int digits_max) {
    const bool negative = micros < 0;
    auto value = static_cast<std::uint64_t>(negative ? -micros : micros);
    std::uint64_t unit = 1;
    for (int i = digits_max; i < 6; ++i)
        unit *= 10;
    value = (value + unit / 2) / unit * unit;
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%llu.%06llu",
                  static_cast<unsigned long long>(value / 1'000'000),
                  static_cast<unsigned long long>(value % 1'000'000));
    std::string out = text.data();
    out.resize(out.size() - static_cast<std::size_t>(6 - digits_max));
    int removable = digits_max - digits_min;
    while (removable-- > 0 && out.back() == '0')
        out.pop_back();
    if (out.back() == '.') out.pop_back();
    return (negative ? "-" : "") + out;
}

std::string with_dollar(const std::string& text) {
    return text.front() == '-' ? "-$" + text.substr(1) : "$" + text;
}

}  // namespace

std::string to_decimal(Usd amount) {
    return decimal(amount.micros, 0, 6);
}
std::string to_decimal(UsdPerHour rate) {
    return decimal(rate.micros, 0, 6);
}
std::string to_text(Usd amount) {
    return with_dollar(decimal(amount.micros, 2, 4));
}
std::string to_text(UsdPerHour rate) {
    return with_dollar(decimal(rate.micros, 2, 4)) + "/h";
}

Result<Usd> parse_usd(const std::string& text) {
    const Error error =
        invalid("'" + text + "' is not an amount of dollars; write for example 12 or 0.25");
    std::size_t i = text.starts_with('$') ? 1 : 0;
    std::int64_t micros = 0;
    int digits = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits) {
        micros = micros * 10 + (text[i] - '0');
        if (micros > 1'000'000'000) return error;
    }
    micros *= 1'000'000;
    if (i < text.size() && text[i] == '.') {
        std::int64_t unit = 100'000;
        for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits) {
            if (unit == 0) return error;
            micros += (text[i] - '0') * unit;
            unit /= 10;
        }
    }
    if (digits == 0 || i != text.size()) return error;
    return Usd{micros};
}

}  // namespace herder
