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

std::vector<std::optional<double>> stretched(const std::vector<std::optional<double>>& values,
                                             std::size_t size) {
    std::vector<std::optional<double>> all;
    if (values.empty()) return all;
    for (std::size_t i = 0; i < size; ++i)
        all.push_back(
            values[size > 1 ? (i * (values.size() - 1) + (size - 1) / 2) / (size - 1) : 0]);
    return all;
}

std::string short_number(double value) {
    if (std::isnan(value)) return "NaN";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

}  // namespace herder::cli
