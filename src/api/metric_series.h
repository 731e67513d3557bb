#pragma once
// The values of one metric, thinned out to so many points that they can be drawn: each point tells
// the last value of its stretch, and the least and the greatest. Memory is bounded whatever comes.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace herder::api {

struct MetricPoint {
    std::int64_t step = 0;       // of the last value
    std::optional<double> time;  // its own "t"
    double last = 0;
    double min = 0;  // of the finite ones; NaN where there is none
    double max = 0;
    std::int64_t count = 0;
    std::uint64_t attempt = 0;
    std::int64_t first_step = 0;  // of the first value
    bool operator==(const MetricPoint&) const = default;
};

class MetricSeries {
  public:
    // `points_max` is at least 2.
    explicit MetricSeries(std::size_t points_max) : points_max_(points_max) {}

    void add(const MetricPoint& point);
    const std::vector<MetricPoint>& points() const { return points_; }
    // All of it as one point; its `step` is the last one.
    MetricPoint whole() const;
    std::int64_t first_step() const { return points_.empty() ? 0 : points_.front().first_step; }
    // Whether points stand for more than one value.
    bool is_thinned() const;

  private:
    void halve();

    const std::size_t points_max_;
    std::vector<MetricPoint> points_;
    std::int64_t values_a_point_ = 1;
};

// One point for two that follow each other.
MetricPoint joined(const MetricPoint& a, const MetricPoint& b);
// A single value.
MetricPoint point_of(std::int64_t step, std::optional<double> time, double value,
                     std::uint64_t attempt);

}  // namespace herder::api
