#include "core/checkpoints/offer_metrics.h"

#include <iterator>

namespace herder {

namespace {

constexpr std::size_t kMetricsMax = 200;
constexpr std::size_t kLengthMax = 256;

bool is_metric(const std::string& name, const std::string& value) {
    return !name.empty() && name.size() <= kLengthMax && value.size() <= kLengthMax;
}

}  // namespace

std::string find_metric_fault(const std::map<std::string, std::string>& metrics) {
    if (metrics.size() > kMetricsMax)
        return "more than " + std::to_string(kMetricsMax) + " metrics";
    for (const auto& [name, value] : metrics) {
        if (is_metric(name, value)) continue;
        return "a metric's name or value is empty or longer than " + std::to_string(kLengthMax) +
               " bytes";
    }
    return {};
}

std::string drop_unfit_metrics(std::map<std::string, std::string>& metrics) {
    const std::size_t given = metrics.size();
    std::erase_if(metrics, [](const auto& one) { return !is_metric(one.first, one.second); });
    while (metrics.size() > kMetricsMax)
        metrics.erase(std::prev(metrics.end()));
    if (metrics.size() == given) return {};
    return "checkpoints are published without some of their metrics (" +
           std::to_string(given - metrics.size()) + " of " + std::to_string(given) +
           "): there may be " + std::to_string(kMetricsMax) +
           ", each with a name and a value of at most " + std::to_string(kLengthMax) + " bytes";
}

}  // namespace herder
