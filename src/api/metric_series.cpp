#include "api/metric_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace herder::api {

MetricPoint point_of(std::int64_t step, std::optional<double> time, double value,
                     std::uint64_t attempt) {
    const double finite = std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
    return {step, time, value, finite, finite, 1, attempt, step};
}

MetricPoint joined(const MetricPoint& a, const MetricPoint& b) {
    MetricPoint both = b;
    // fmin and fmax take the other where one is NaN.
    both.min = std::fmin(a.min, b.min);
    both.max = std::fmax(a.max, b.max);
    both.count = a.count + b.count;
    both.first_step = a.first_step;
    return both;
}

void MetricSeries::add(const MetricPoint& point) {
    const bool has_room = !points_.empty() && points_.back().count < values_a_point_ &&
                          points_.back().attempt == point.attempt;
    if (has_room) {
        points_.back() = joined(points_.back(), point);
        return;
    }
    if (points_.size() >= points_max_) halve();
    points_.push_back(point);
}

void MetricSeries::halve() {
    values_a_point_ *= 2;
    std::vector<MetricPoint> half;
    half.reserve(points_.size() / 2 + 1);
    for (std::size_t i = 0; i < points_.size(); i += 2)
        half.push_back(i + 1 < points_.size() ? joined(points_[i], points_[i + 1]) : points_[i]);
    points_ = std::move(half);
}

bool MetricSeries::is_thinned() const {
    return std::any_of(points_.begin(), points_.end(),
                       [](const MetricPoint& point) { return point.count > 1; });
}

MetricPoint MetricSeries::whole() const {
    MetricPoint all;
    for (std::size_t i = 0; i < points_.size(); ++i)
        all = i == 0 ? points_[i] : joined(all, points_[i]);
    return all;
}

}  // namespace herder::api
