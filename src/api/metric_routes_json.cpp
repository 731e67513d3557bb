// What a job measured: its metrics over all attempts, thinned out to what can be drawn.
#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "api/disk_work.h"
#include "api/log_reader.h"
#include "api/metric_book.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_parts_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kChunk = 1 << 20;
// What is read for one answer; older attempts are then left out, and the answer says so.
constexpr std::int64_t kReadMax = std::int64_t{256} << 20;
// Of each metric: a thousand of them make one answer.
constexpr std::int64_t kPointsMax = 10'000;
constexpr std::int64_t kPointsOfAllMax = 200;
constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

struct MetricWish {
    std::string name;  // empty: all
    std::uint64_t attempt = 0;
    std::size_t points = 0;
    LogWindow window;
};

json::value number(double value) {
    if (std::isfinite(value)) return value;
    return json::string(protocol::metric_word(value, false));
}
// Of the finite values: null where there is none.
json::value extreme(double value) {
    return std::isnan(value) ? json::value(nullptr) : json::value(value);
}
json::value time_of(const std::optional<double>& time) {
    // Whatever a program writes: only what a calendar can hold is a time.
    if (!time || !(*time > 0 && *time < 1e11)) return nullptr;
    return time_or_null(WallTime{static_cast<std::int64_t>(*time * 1e6)});
}

json::object series_object(const std::string& name, const MetricSeries& series) {
    const MetricPoint whole = series.whole();
    json::array points;
    for (const MetricPoint& point : series.points()) {
        points.push_back(json::object{{"step", point.step},
                                      {"at", time_of(point.time)},
                                      {"value", number(point.last)},
                                      {"min", extreme(point.min)},
                                      {"max", extreme(point.max)},
                                      {"count", point.count},
                                      {"attempt", point.attempt}});
    }
    return {{"name", name},
            {"count", whole.count},
            {"last", number(whole.last)},
            {"min", extreme(whole.min)},
            {"max", extreme(whole.max)},
            {"first_step", series.first_step()},
            {"last_step", whole.step},
            {"last_at", time_of(whole.time)},
            {"thinned", series.is_thinned()},
            {"points", std::move(points)}};
}

// Reads one attempt after the other, on the files' thread.
class Reading {
  public:
    Reading(LogStore& logs, LogName name, const MetricWish& wish)
        : logs_(logs), name_(std::move(name)), wish_(wish), book_(wish.points, wish.name) {}

    // Newest first. False for an error that answers for all.
    bool read_attempt(std::uint64_t fence) {
        name_.attempt.fence = Fence{fence};
        if (read_ >= kReadMax) {
            is_cut_ = true;
            return true;
        }
        const Result<LogRange> range = find_range(logs_, name_, wish_.window);
        std::int64_t at = 0;
        std::int64_t end = logs_.size(name_);
        if (range) {
            at = range->begin;
            end = range->end;
        } else if (range.error().code != ErrorCode::kCorrupt) {
            return failed(at, range.error());
        }
        while (at < end) {
            const auto size = static_cast<std::size_t>(
                std::min<std::int64_t>(end - at, static_cast<std::int64_t>(kChunk)));
            const Result<std::string> text = logs_.read(name_, at, size);
            if (!text) {
                if (text.error().code != ErrorCode::kCorrupt) return failed(at, text.error());
                at = note_lost(at, end, text.error());
                continue;
            }
            if (text->empty()) break;
            book_.add(fence, *text);
            at += static_cast<std::int64_t>(text->size());
            read_ += static_cast<std::int64_t>(text->size());
        }
        book_.next_older_attempt();
        return true;
    }

    const std::optional<Problem>& problem() const { return problem_; }
    json::object answer() const {
        json::array items;
        for (const auto& [name, series] : book_.series())
            items.push_back(series_object(name, series));
        return {{"items", std::move(items)},    {"bad_lines", book_.bad_lines()},
                {"bad_line", book_.bad_line()}, {"too_many_names", book_.has_too_many()},
                {"older_left_out", is_cut_},    {"lost", lost_}};
    }

  private:
    bool failed(std::int64_t at, const Error& error) {
        problem_ = why_unread(logs_, {name_, 0, at}, error);
        return false;
    }
    // Where it goes on.
    std::int64_t note_lost(std::int64_t at, std::int64_t end, const Error& error) {
        const Result<LogIndex> index = logs_.index(name_);
        const LogSegment* segment = index ? index->find(at) : nullptr;
        const std::int64_t next = segment != nullptr ? segment->end : end;
        lost_.push_back(json::object{{"attempt", name_.attempt.fence.value},
                                     {"begin", at},
                                     {"end", next},
                                     {"detail", error.message}});
        book_.pass_gap();
        return next;
    }

    LogStore& logs_;
    LogName name_;
    const MetricWish& wish_;
    MetricBook book_;
    std::int64_t read_ = 0;
    bool is_cut_ = false;
    json::array lost_;
    std::optional<Problem> problem_;
};

void answer_metrics(LogStore& logs, const ExchangePtr& exchange, const LogName& name,
                    const MetricWish& wish) {
    Reading reading(logs, name, wish);
    // Without an attempt of its own, `name` holds the newest.
    const std::uint64_t newest = wish.attempt == 0 ? name.attempt.fence.value : wish.attempt;
    const std::uint64_t oldest = wish.attempt == 0 ? 1 : wish.attempt;
    for (std::uint64_t fence = newest; fence >= oldest; --fence) {
        if (!reading.read_attempt(fence)) return refuse(exchange, *reading.problem());
    }
    Response response;
    response.body = json::serialize(reading.answer());
    exchange->respond(std::move(response));
}

void metrics(const Call& call) {
    QueryReader query(call.request);
    MetricWish wish;
    wish.name = query.text("name");
    if (query.text("attempt") != "all")
        wish.attempt = static_cast<std::uint64_t>(query.number("attempt", 0, 1, kAnyNumber));
    const std::int64_t most = wish.name.empty() ? kPointsOfAllMax : kPointsMax;
    wish.points = static_cast<std::size_t>(query.number("points", kPointsOfAllMax, 2, most));
    wish.window = read_window(query, call.options.wall());
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [wish](const Call& later, const State& state, Instant, JobId job) {
        const Job& found = state.jobs.at(job);
        if (wish.attempt > found.fence.value)
            return later.fail(no_attempt(job, wish.attempt, found.fence.value));
        const LogName name{{job, found.fence}, "metrics", found.spec.team};
        const bool taken =
            later.own.disk.run([&logs = later.parts.logs, exchange = later.exchange, name, wish] {
                answer_metrics(logs, exchange, name, wish);
            });
        if (!taken) later.fail(too_much_work());
    });
}

}  // namespace

std::vector<Route> metric_routes() {
    return {
        {"GET", "/jobs/{job}/metrics", {"name", "attempt", "points", "since", "until"}, metrics}};
}

}  // namespace herder::api
