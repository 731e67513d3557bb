#include "api/metric_book.h"

#include <utility>

namespace herder::api {

namespace {

constexpr std::size_t kNamesMax = 1000;

}  // namespace

void MetricBook::add(std::uint64_t attempt, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) {
            // The agent sends no longer lines; only damaged text gets here.
            is_skipping_ = is_skipping_ || rest_.size() + text.size() > protocol::kMetricLineMax;
            rest_ += is_skipping_ ? std::string_view() : text;
            return;
        }
        if (is_skipping_) {
            is_skipping_ = false;
        } else if (rest_.empty()) {
            take(attempt, text.substr(0, end));
        } else {
            take(attempt, rest_ += text.substr(0, end));
        }
        rest_.clear();
        text.remove_prefix(end + 1);
    }
}

void MetricBook::take(std::uint64_t attempt, std::string_view line) {
    if (line.empty()) return;
    const auto parsed = protocol::parse_metric_line(line);
    if (!parsed) {
        if (std::exchange(is_after_gap_, false)) return;
        if (bad_lines_++ == 0) bad_line_ = parsed.error().message;
        return;
    }
    is_after_gap_ = false;
    for (const auto& [name, value] : parsed->values) {
        if (!only_.empty() && name != only_) continue;
        if (names_.size() >= kNamesMax && !names_.contains(name)) {
            has_too_many_ = true;
            continue;
        }
        names_.insert(name);
        if (!lineage_.take(name, parsed->step)) continue;
        here_.try_emplace(name, points_max_)
            .first->second.add(point_of(parsed->step, parsed->time, value, attempt));
    }
}

void MetricBook::next_older_attempt() {
    rest_.clear();  // the last line of a machine that was lost may be cut
    is_skipping_ = is_after_gap_ = false;
    lineage_.next_older_attempt();
    newer_ = joined();
    here_.clear();
}

MetricBook::ByName MetricBook::joined() const {
    ByName all = here_;
    for (const auto& [name, part] : newer_) {
        MetricSeries& whole = all.try_emplace(name, points_max_).first->second;
        for (const MetricPoint& point : part.points())
            whole.add(point);
    }
    return all;
}

}  // namespace herder::api
