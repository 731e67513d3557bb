#include "base/suggest.h"

#include <algorithm>

namespace herder {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLengthMax = 64;
    if (text.empty() || text.size() > kLengthMax) return {};
    std::size_t best = std::min(std::max<std::size_t>(2, text.size() / 3) + 1, text.size());
    std::string found;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(text, candidate);
        if (distance >= best) continue;
        best = distance;
        found = candidate;
    }
    return found;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates) {
    const std::string found = nearest(text, candidates);
    return found.empty() ? found : "did you mean '" + found + "'?";
}

}  // namespace herder
