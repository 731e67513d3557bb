// What a job measured: its metrics over all attempts, thinned out to what can be drawn.
#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <memory>

#include "api/disk_work.h"
#include "api/metric_reading.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_parts_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

// Of each metric: a thousand of them make one answer.
constexpr std::int64_t kPointsMax = 10'000;
constexpr std::int64_t kPointsOfAllMax = 200;
constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

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

json::object answer_of(const MetricReading& reading) {
    const MetricBook& book = reading.book();
    json::array items;
    for (const auto& [name, series] : book.series())
        items.push_back(series_object(name, series));
    json::array lost;
    for (const MetricReading::Lost& one : reading.lost()) {
        lost.push_back(json::object{
            {"attempt", one.attempt}, {"begin", one.begin}, {"end", one.end}, {"detail", one.why}});
    }
    json::array deleted;
    for (const MetricReading::Deleted& one : reading.deleted()) {
        deleted.push_back(json::object{{"attempt", one.attempt},
                                       {"deleted_at", time_or_null(one.deletion.at)},
                                       {"logs_keep", one.deletion.rule}});
    }
    return {{"items", std::move(items)},
            {"deleted", std::move(deleted)},
            {"bad_lines", book.bad_lines()},
            {"bad_line", book.bad_line()},
            {"too_many_names", book.has_too_many()},
            {"older_left_out", reading.has_left_out()},
            {"lost", std::move(lost)}};
}

// A step on the files' thread, then behind whatever waits for it. The steps share the reading.
void answer_metrics(DiskWork& disk, const ExchangePtr& exchange,
                    const std::shared_ptr<MetricReading>& reading) {
    const bool taken = disk.run([&disk, exchange, reading] {
        if (reading->read_step()) return answer_metrics(disk, exchange, reading);
        if (reading->problem()) return refuse(exchange, *reading->problem());
        Response response;
        response.body = json::serialize(answer_of(*reading));
        exchange->respond(std::move(response));
    });
    if (!taken) refuse(exchange, too_much_work());
}

void metrics(const Call& call) {
    QueryReader query(call.request);
    MetricWish wish;
    wish.newest = 0;  // all
    wish.name = query.text("name");
    if (query.text("attempt") != "all")
        wish.newest = static_cast<std::uint64_t>(query.number("attempt", 0, 1, kAnyNumber));
    const std::int64_t most = wish.name.empty() ? kPointsOfAllMax : kPointsMax;
    wish.points = static_cast<std::size_t>(query.number("points", kPointsOfAllMax, 2, most));
    wish.window = read_window(query, call.options.wall());
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [wish](const Call& later, const State& state, Instant, JobId job) {
        const Job& found = state.jobs.at(job);
        const bool is_all = wish.newest == 0;
        MetricWish mine = wish;
        mine.logs = {{job, found.fence}, "metrics", found.spec.team};
        mine.newest = is_all ? found.fence.value : wish.newest;
        mine.oldest = is_all ? 1 : wish.newest;
        if (mine.newest > found.fence.value)
            return later.fail(no_attempt(job, mine.newest, found.fence.value));
        answer_metrics(later.own.disk, later.exchange,
                       std::make_shared<MetricReading>(later.parts.logs, std::move(mine),
                                                       MetricReading::Limits{}));
    });
}

}  // namespace

std::vector<Route> metric_routes() {
    return {
        {"GET", "/jobs/{job}/metrics", {"name", "attempt", "points", "since", "until"}, metrics}};
}

}  // namespace herder::api
