// What a job printed: as text from a place on, as a live stream, and which part of it is of which
// time.
#include <boost/json.hpp>
#include <limits>
#include <mutex>

#include "api/disk_work.h"
#include "api/follower.h"
#include "api/log_reader.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_parts_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::int64_t kBodyMax = 16 * 1024 * 1024;
constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

struct LogWish {
    std::string stream;
    std::uint64_t attempt = 0;  // 0: all
    std::int64_t offset = 0;
    std::size_t limit = 0;
    bool follow = false;
};

std::uint64_t read_attempt(QueryReader& query) {
    if (query.text("attempt") == "all") return 0;
    return static_cast<std::uint64_t>(query.number("attempt", 0, 1, kAnyNumber));
}

LogWish read_log_wish(QueryReader& query) {
    LogWish wish;
    wish.stream = query.word("stream", "out", {"out", "err", "system", "metrics"});
    wish.attempt = read_attempt(query);
    wish.offset = query.number("offset", 0, 0, kAnyNumber);
    wish.limit = static_cast<std::size_t>(query.number("limit", kBodyMax, 1, kBodyMax));
    wish.follow = query.flag("follow", false);
    if (wish.follow && query.has("limit"))
        query.complain("limit", "'limit' does not go with 'follow', which sends all that comes");
    return wish;
}

// ---- followers: their `next` is called on the engine's thread, which waits for no store ----

struct Piece {
    std::string text;
    std::int64_t size = 0;  // bytes of the log that it stands for
};
class LogFollower : public std::enable_shared_from_this<LogFollower> {
  public:
    LogFollower(LogPlace place, bool only_this_attempt, const Call& call)
        : place_(std::move(place)),
          only_this_attempt_(only_this_attempt),
          logs_(call.parts.logs),
          feed_(call.parts.feed),
          disk_(call.own.disk) {}

    News next(const State& state, JobId job) {
        const std::lock_guard lock(mutex_);
        if (!only_this_attempt_) place_.last_fence = state.jobs.at(job).fence.value;
        for (;;) {
            if (is_fetching_) return {"", true};
            if (fetched_ && !fetched_->text.empty()) return show(*fetched_);
            const bool is_end = fetched_.has_value();
            fetched_.reset();
            auto here = is_end ? std::optional<std::string>("")
                               : logs_.read_here(place_.name, place_.offset, kChunk);
            if (!here && is_unreadable_) here = "";
            if (!here) return fetch();
            is_unreadable_ = is_unreadable_ && here->empty();
            if (!here->empty()) return show({*here, static_cast<std::int64_t>(here->size())});
            if (place_.name.attempt.fence.value >= place_.last_fence) return {};
            ++place_.name.attempt.fence.value;
            place_.offset = 0;
            is_unreadable_ = false;
        }
    }
    void accept() {
        const std::lock_guard lock(mutex_);
        place_.offset += shown_;
        fetched_.reset();
    }

  private:
    News show(const Piece& piece) {
        shown_ = piece.size;
        return {piece.text};
    }

    News fetch() {
        is_fetching_ = true;
        const bool taken =
            disk_.run([self = shared_from_this(), place = place_] { self->bring(place); });
        if (taken) return {"", true};
        is_fetching_ = false;
        is_unreadable_ = true;
        fetched_ =
            Piece{"[herder: too many requests wait for files; ask again for what follows]\n", 0};
        return show(*fetched_);
    }

    // On the files' thread. Where it fails the stream says so and goes on behind it.
    void bring(const LogPlace& place) {
        const Result<std::string> text = logs_.read(place.name, place.offset, kChunk);
        Piece piece;
        bool is_unreadable = false;
        if (text) {
            piece = {*text, static_cast<std::int64_t>(text->size())};
        } else {
            piece.text = missing_line(place, text.error());
            piece.size = unreadable_size(logs_, place, text.error().code);
            is_unreadable = piece.size == 0;
        }
        {
            const std::lock_guard lock(mutex_);
            fetched_ = std::move(piece);
            is_fetching_ = false;
            is_unreadable_ = is_unreadable;
        }
        feed_.ring(place.name.attempt.job);
    }

    std::mutex mutex_;
    LogPlace place_;  // guarded by mutex_, like all but the references
    const bool only_this_attempt_;
    std::int64_t shown_ = 0;
    bool is_fetching_ = false;
    // What follows in this attempt cannot be had, which was told: until this disk has some of it,
    // it counts as the end.
    bool is_unreadable_ = false;
    std::optional<Piece> fetched_;  // for this place
    LogStore& logs_;
    LiveFeed& feed_;
    DiskWork& disk_;
};

void follow_log(const Call& call, JobId job, const LogPlace& place, bool only_this_attempt) {
    // Shared by the callbacks of the source and the work on files.
    const auto follower = std::make_shared<LogFollower>(place, only_this_attempt, call);
    Source source;
    source.next = [follower](const State& state, JobId id) { return follower->next(state, id); };
    source.accept = [follower] { follower->accept(); };
    call.own.followers.follow(call.exchange, "text/plain; charset=utf-8", job, std::move(source));
}

// ---- text ----

// Whoever reads one attempt counts its bytes, and meets what is missing where the next page begins.
using ReadText = Result<std::string> (*)(LogStore&, LogPlace&, std::size_t);

void send_log(const Call& call, const LogPlace& place, std::size_t limit, ReadText read) {
    const bool taken = call.own.disk.run(
        [&logs = call.parts.logs, exchange = call.exchange, at = place, limit, read]() mutable {
            Result<std::string> text = read(logs, at, limit);
            if (!text) return refuse(exchange, why_unread(logs, at, text.error()));
            Response response;
            response.content_type = "text/plain; charset=utf-8";
            response.body = std::move(*text);
            exchange->respond(std::move(response));
        });
    if (!taken) call.fail(too_much_work());
}

void logs(const Call& call) {
    QueryReader query(call.request);
    const LogWish wish = read_log_wish(query);
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [wish](const Call& later, const State& state, Instant, JobId job) {
        const std::uint64_t newest = state.jobs.at(job).fence.value;
        if (wish.attempt > newest) return later.fail(no_attempt(job, wish.attempt, newest));
        const std::uint64_t first = wish.attempt == 0 ? 1 : wish.attempt;
        LogPlace place{{{job, Fence{first}}, wish.stream, state.jobs.at(job).spec.team},
                       wish.attempt == 0 ? newest : first,
                       wish.offset};
        if (wish.follow) return follow_log(later, job, place, wish.attempt != 0);
        send_log(later, place, wish.limit, wish.attempt == 0 ? read_all_on : read_on);
    });
}

// ---- ranges ----

json::value time_of(const std::optional<WallTime>& time) {
    return time ? time_or_null(*time) : nullptr;
}

json::object range_object(const LogName& name, const LogRange& range) {
    json::array segments;
    for (const LogSegment& segment : range.index.stored) {
        const bool is_lost = segment.sha256.empty();
        json::value key = nullptr;
        if (!is_lost) key = json::string(key_of(range.index, segment));
        segments.push_back(
            json::object{{"begin", segment.begin}, {"end", segment.end}, {"key", std::move(key)}});
    }
    const auto& deletion = range.index.deletion;
    return {{"attempt", name.attempt.fence.value},
            {"stream", name.stream},
            {"begin", range.begin},
            {"end", range.end},
            {"size_bytes", range.size},
            {"first_at", time_of(range.first)},
            {"last_at", time_of(range.last)},
            {"segments", std::move(segments)},
            {"deleted_at", deletion ? time_or_null(deletion->at) : json::value()},
            {"logs_keep", deletion ? json::value(json::string(deletion->rule)) : json::value()}};
}

struct RangeWish {
    std::vector<std::string> streams;
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    LogWindow window;
};

void answer_ranges(LogStore& logs, const ExchangePtr& exchange, LogName name,
                   const RangeWish& wish) {
    json::array items;
    for (std::uint64_t fence = wish.first; fence <= wish.last; ++fence) {
        for (const std::string& stream : wish.streams) {
            name.attempt.fence = Fence{fence};
            name.stream = stream;
            const Result<LogRange> range = find_range(logs, name, wish.window);
            if (!range) return refuse(exchange, why_unread(logs, {name, fence, 0}, range.error()));
            if (range->size > 0 || range->index.deletion)
                items.push_back(range_object(name, *range));
        }
    }
    Response response;
    response.body = json::serialize(json::object{{"items", std::move(items)}});
    exchange->respond(std::move(response));
}

void ranges(const Call& call) {
    QueryReader query(call.request);
    const std::vector<std::string> all{"out", "err", "system", "metrics"};
    RangeWish wish;
    const std::string stream = query.word("stream", "", all);
    wish.streams = stream.empty() ? all : std::vector<std::string>{stream};
    const std::uint64_t attempt = read_attempt(query);
    wish.window = read_window(query, call.options.wall());
    wish.window.tail = static_cast<std::size_t>(query.number("tail", 0, 1, kAnyNumber));
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [wish, attempt](const Call& later, const State& state, Instant, JobId job) {
        const std::uint64_t newest = state.jobs.at(job).fence.value;
        if (attempt > newest) return later.fail(no_attempt(job, attempt, newest));
        RangeWish mine = wish;
        mine.first = attempt == 0 ? 1 : attempt;
        mine.last = attempt == 0 ? newest : attempt;
        const LogName name{{job, {}}, {}, state.jobs.at(job).spec.team};
        const bool taken =
            later.own.disk.run([&logs = later.parts.logs, exchange = later.exchange, name, mine] {
                answer_ranges(logs, exchange, name, mine);
            });
        if (!taken) later.fail(too_much_work());
    });
}

}  // namespace

LogWindow read_window(QueryReader& query, WallTime now) {
    LogWindow window;
    window.since = query.time("since", now);
    window.until = query.time("until", now);
    if (window.since && window.until && *window.since > *window.until)
        query.complain("until", "'until' lies before 'since', so that nothing lies between them");
    return window;
}

std::vector<Route> log_routes() {
    return {{"GET", "/jobs/{job}/logs", {"stream", "attempt", "offset", "limit", "follow"}, logs},
            {"GET",
             "/jobs/{job}/logs/ranges",
             {"stream", "attempt", "since", "until", "tail"},
             ranges}};
}

}  // namespace herder::api
