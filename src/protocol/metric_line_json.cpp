#include "protocol/metric_line_json.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace herder::protocol {

namespace json = boost::json;

namespace {

std::optional<double> number_of(const json::value& value) {
    if (value.is_bool()) return value.get_bool() ? 1.0 : 0.0;
    if (value.is_number()) return value.to_number<double>();
    if (!value.is_string()) return std::nullopt;
    const json::string& word = value.get_string();
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (word == "Infinity") return std::numeric_limits<double>::infinity();
    if (word == "-Infinity") return -std::numeric_limits<double>::infinity();
    return std::nullopt;
}

}  // namespace

Result<MetricLine> parse_metric_line(std::string_view text) {
    if (text.size() > kMetricLineMax) return invalid("the line is longer than 1 MiB");
    boost::system::error_code error;
    std::array<unsigned char, 4096> room;  // NOLINT: written before it is read
    json::monotonic_resource memory(room.data(), room.size());
    const json::value value = json::parse({text.data(), text.size()}, error, &memory);
    if (error || !value.is_object()) return invalid("the line is no JSON object");
    MetricLine line;
    bool has_step = false;
    for (const auto& member : value.get_object()) {
        const std::string name(member.key());
        if (name.size() > kMetricNameMax)
            return invalid("a metric's name is longer than 256 bytes");
        if (name == "step") {
            boost::system::error_code wrong;
            line.step = member.value().to_number<std::int64_t>(wrong);
            if (wrong) return invalid("'step' is no whole number");
            has_step = true;
        } else if (name == "t") {
            line.time = number_of(member.value());
        } else if (const auto number = number_of(member.value())) {
            line.values.emplace_back(name, *number);
        }
    }
    if (!has_step) return invalid("the line has no 'step'");
    return line;
}

std::string metric_word(double value, bool quoted) {
    if (!std::isfinite(value)) {
        const std::string word = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        return quoted ? "\"" + word + "\"" : word;
    }
    std::array<char, 32> text{};  // the shortest form that reads back the same
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

bool MetricLineage::take(const std::string& name, std::int64_t step) {
    const auto [here, is_first] = here_.try_emplace(name, step);
    if (!is_first && step < here->second) here->second = step;
    const auto undone = undone_from_.find(name);
    return undone == undone_from_.end() || step < undone->second;
}

void MetricLineage::next_older_attempt() {
    for (const auto& [name, step] : here_) {
        const auto [undone, is_first] = undone_from_.try_emplace(name, step);
        if (!is_first && step < undone->second) undone->second = step;
    }
    here_.clear();
}

}  // namespace herder::protocol
