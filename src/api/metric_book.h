#pragma once
// All metrics of a job, read from the lines that its attempts left, newest attempt first. Memory is
// bounded by names times points, however many attempts there are and whatever they wrote.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "api/metric_series.h"
#include "protocol/metric_line_json.h"

namespace herder::api {

class MetricBook {
  public:
    // `only`: the name of one metric; empty: all.
    MetricBook(std::size_t points_max, std::string only)
        : points_max_(points_max), only_(std::move(only)) {}

    // Text of the attempt at hand, cut anywhere.
    void add(std::uint64_t attempt, std::string_view text);
    // A piece of the text is missing here.
    void pass_gap() {
        rest_.clear();
        is_after_gap_ = true;
    }
    void next_older_attempt();

    // By name, oldest values first.
    std::map<std::string, MetricSeries> series() const { return joined(); }
    // Lines that are no metrics, and what is wrong with the first.
    std::int64_t bad_lines() const { return bad_lines_; }
    const std::string& bad_line() const { return bad_line_; }
    // More names than are kept.
    bool has_too_many() const { return has_too_many_; }

  private:
    using ByName = std::map<std::string, MetricSeries>;
    void take(std::uint64_t attempt, std::string_view line);
    ByName joined() const;

    const std::size_t points_max_;
    const std::string only_;
    std::string rest_;
    bool is_skipping_ = false;   // to the end of a line that is too long
    bool is_after_gap_ = false;  // the next line may be the end of one
    protocol::MetricLineage lineage_;
    ByName here_;   // of the attempt at hand
    ByName newer_;  // of those before it, as one
    std::set<std::string> names_;
    std::int64_t bad_lines_ = 0;
    std::string bad_line_;
    bool has_too_many_ = false;
};

}  // namespace herder::api
