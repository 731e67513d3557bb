#include "cli/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace herder::cli {

namespace {

constexpr std::size_t kHeights = 8;
constexpr std::array<const char*, kHeights> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<const char*, kHeights> kAscii{"_", ".", "-", "~", "=", "+", "*", "#"};

}  // namespace

std::string sparkline(const std::vector<std::optional<double>>& values, bool utf8) {
    std::optional<double> least, greatest;
    for (const std::optional<double>& value : values) {
        if (!value || !std::isfinite(*value)) continue;
        least = std::min(least.value_or(*value), *value);
        greatest = std::max(greatest.value_or(*value), *value);
    }
    const auto& bars = utf8 ? kBlocks : kAscii;
    std::string line;
    for (const std::optional<double>& value : values) {
        if (!value || !std::isfinite(*value)) {
            line += "!";
            continue;
        }
        // Halves: the difference of two huge numbers may be too huge.
        const double span = *greatest / 2 - *least / 2;
        const double part = span > 0 ? (*value / 2 - *least / 2) / span : 0;
        const auto height = static_cast<std::size_t>(part * (kHeights - 1) + 0.5);
        line += bars[std::min(height, kHeights - 1)];
    }
    return line;
}

std::string short_number(double value) {
    if (std::isnan(value)) return "NaN";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

}  // namespace herder::cli
