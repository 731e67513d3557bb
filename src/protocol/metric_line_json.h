#pragma once
// A line of $HERDER_DIR/metrics.jsonl, as training code writes it, and which of two attempts'
// values counts where both tell the same step. What the SDK writes is in docs/sdk.md, file
// protocol.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace herder::protocol {

constexpr std::size_t kMetricLineMax = 1 << 20;
constexpr std::size_t kMetricNameMax = 256;

struct MetricLine {
    std::int64_t step = 0;
    std::optional<double> time;  // "t", seconds since the epoch by the machine's calendar
    // Numbers, true and false as 1 and 0, and "NaN", "Infinity", "-Infinity". Other texts are left
    // out: nothing can be drawn of them.
    std::vector<std::pair<std::string, double>> values;
    bool operator==(const MetricLine&) const = default;
};
// kInvalid, with what is wrong, for what is no such line.
Result<MetricLine> parse_metric_line(std::string_view text);

// The value in JSON's words, NaN and the infinities in quotes.
std::string metric_word(double value, bool quoted);

// Which values of a job that moved count. A later attempt goes on from a checkpoint, so from its
// first step of a metric on the values of earlier attempts were undone. Attempts come newest first.
class MetricLineage {
  public:
    // Of the attempt at hand: whether the value counts.
    bool take(const std::string& name, std::int64_t step);
    void next_older_attempt();

  private:
    std::map<std::string, std::int64_t> undone_from_;  // by the attempts before
    std::map<std::string, std::int64_t> here_;         // the first step of the one at hand
};

}  // namespace herder::protocol
