#pragma once
// A row of bars that shows how a number went.
#include <optional>
#include <string>
#include <vector>

namespace herder::cli {

// One bar for each value, its height between the least and the greatest of them; "!" for what is no
// finite number. In ASCII where the terminal has no UTF-8.
std::string sparkline(const std::vector<std::optional<double>>& values, bool utf8);

// Four digits, as people read numbers: "0.1798", "1.2e-05", "NaN".
std::string short_number(double value);

}  // namespace herder::cli
