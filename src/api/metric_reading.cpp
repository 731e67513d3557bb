#include "api/metric_reading.h"

#include <algorithm>

namespace herder::api {

namespace {

constexpr std::int64_t kPiece = 1 << 20;
// Looking for one costs something even where it has measured nothing.
constexpr int kAttemptsAStep = 16;

}  // namespace

MetricReading::MetricReading(LogStore& logs, MetricWish wish, Limits limits)
    : logs_(logs),
      wish_(std::move(wish)),
      limits_(limits),
      book_(wish_.points, wish_.name),
      name_(wish_.logs),
      left_(limits_.all) {
    name_.attempt.fence = Fence{wish_.newest};
}

bool MetricReading::read_step() {
    const std::int64_t until = left_ - limits_.step;
    int begun = 0;
    while (!problem_ && name_.attempt.fence.value >= wish_.oldest && left_ > until) {
        if (!is_begun_) {
            if (begun++ == kAttemptsAStep) return true;
            if (left_ <= 0) {
                has_left_out_ = true;
                return false;
            }
            if (!begin_attempt()) return false;
            is_begun_ = true;
        }
        if (at_ < end_) {
            if (!read_piece()) return false;
            continue;
        }
        book_.next_older_attempt();
        --name_.attempt.fence.value;
        is_begun_ = false;
    }
    return name_.attempt.fence.value >= wish_.oldest;
}

// What of it is read: of one that is too long the newest lines.
bool MetricReading::begin_attempt() {
    const Result<LogRange> range = find_range(logs_, name_, wish_.window);
    at_ = range ? range->begin : 0;
    end_ = range ? range->end : logs_.size(name_);
    if (!range && range.error().code != ErrorCode::kCorrupt) return fail(range.error());
    if (range && range->index.deletion)
        deleted_.push_back({name_.attempt.fence.value, *range->index.deletion});
    if (end_ - at_ > left_) {
        at_ = end_ - left_;
        has_left_out_ = true;
        book_.pass_gap();
    }
    return true;
}

bool MetricReading::read_piece() {
    const std::int64_t size = std::min({end_ - at_, kPiece, limits_.step});
    const Result<std::string> text = logs_.read(name_, at_, static_cast<std::size_t>(size));
    if (!text && text.error().code != ErrorCode::kCorrupt) return fail(text.error());
    if (!text) return pass_lost(text.error()), true;
    book_.add(name_.attempt.fence.value, *text);
    const auto got = static_cast<std::int64_t>(text->size());
    at_ = got == 0 ? end_ : at_ + got;
    left_ -= got;
    return true;
}

bool MetricReading::fail(const Error& error) {
    problem_ = why_unread(logs_, {name_, 0, at_}, error);
    return false;
}

void MetricReading::pass_lost(const Error& error) {
    const Result<LogIndex> index = logs_.index(name_);
    const LogSegment* segment = index ? index->find(at_) : nullptr;
    const std::int64_t next = segment != nullptr ? segment->end : end_;
    lost_.push_back({name_.attempt.fence.value, at_, next, error.message});
    book_.pass_gap();
    at_ = next;
}

}  // namespace herder::api
