#pragma once
// A row of bars that shows how a number went.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace herder::cli {

// One bar for each value, its height between the least and the greatest of them; "!" for what is no
// finite number. In ASCII where the terminal has no UTF-8.
std::string sparkline(const std::vector<std::optional<double>>& values, bool utf8);

// So many of them, some told twice or left out, from the first to the last.
std::vector<std::optional<double>> stretched(const std::vector<std::optional<double>>& values,
                                             std::size_t size);

// Four digits, as people read numbers: "0.1798", "1.2e-05", "NaN".
std::string short_number(double value);

}  // namespace herder::cli
