// What a job tells while it runs and after: events and logs.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <limits>

#include "api/disk_work.h"
#include "api/follower.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kLogChunk = 64 * 1024;
constexpr std::size_t kLogBody = 16 * 1024 * 1024;

constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

std::vector<Event> read_events(Store& store, JobId job, std::uint64_t after, std::size_t limit) {
    std::vector<Event> events;
    // A store that cannot be read shows as no news; the next commit will fail and say so.
    (void)store.read_job_events(job, after, limit, [&](const Event& event) {
        events.push_back(event);
        return ok();
    });
    return events;
}

std::string to_sse(const Event& event) {
    return "id: " + std::to_string(event.seq) + "\nevent: " + event.kind +
           "\ndata: " + event_view(event) + "\n\n";
}

struct EventWish {
    std::uint64_t after = 0;
    std::size_t limit = 200;
    bool live = false;
    bool until_end = false;
};

void follow_events(const Call& call, JobId job, const EventWish& wish) {
    // Shared by the two callbacks of the source: what was taken, what is on its way.
    auto seen = std::make_shared<std::pair<std::uint64_t, std::uint64_t>>(wish.after, wish.after);
    Source source;
    source.next = [seen, &store = call.parts.store](const State&, JobId id) {
        std::string text;
        for (const Event& event : read_events(store, id, seen->first, 100)) {
            text += to_sse(event);
            seen->second = event.seq;
        }
        return text;
    };
    source.accept = [seen] { seen->first = seen->second; };
    source.ends_with_job = wish.until_end;
    call.own.followers.follow(call.exchange, "text/event-stream", job, std::move(source));
}

void list_events(const Call& call, JobId job, const EventWish& wish) {
    json::array items;
    json::value next = nullptr;
    for (const Event& event : read_events(call.parts.store, job, wish.after, wish.limit)) {
        items.push_back(json::parse(event_view(event)));
        if (items.size() == wish.limit) next = json::string(std::to_string(event.seq));
    }
    call.json(200,
              json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", next}}));
}

// `cursor` is what a page answers, `after` the number of an event; they mean the same.
EventWish read_event_wish(const Request& request, QueryReader& query) {
    EventWish wish;
    const char* from = query.has("cursor") ? "cursor" : "after";
    wish.after = static_cast<std::uint64_t>(query.number(from, 0, 0, kAnyNumber));
    if (query.has("cursor") && query.has("after"))
        query.complain("after", "'after' and 'cursor' mean the same; send one of them");
    wish.limit = static_cast<std::size_t>(query.number("limit", 200, 1, 1000));
    wish.live = request.accept.find("text/event-stream") != std::string::npos;
    wish.until_end = query.word("until", "", {"end"}) == "end";
    if (!wish.live && query.has("until"))
        query.complain("until", "'until' goes with 'Accept: text/event-stream' only");
    // A stream that a browser takes up again.
    const std::string& last = request.last_event_id;
    if (wish.live && !last.empty())
        std::from_chars(last.data(), last.data() + last.size(), wish.after);
    return wish;
}

void events(const Call& call) {
    QueryReader query(call.request);
    const EventWish wish = read_event_wish(call.request, query);
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [wish](const Call& later, const State&, Instant, JobId job) {
        if (wish.live) return follow_events(later, job, wish);
        list_events(later, job, wish);
    });
}

// Where a reader of logs stands.
struct LogPlace {
    std::uint64_t fence = 1;
    std::uint64_t last_fence = 0;  // 0: go on to newer attempts
    std::int64_t offset = 0;
    std::int64_t taken = 0;
};

std::string next_log(LogStore& logs, std::uint64_t newest, JobId job, const std::string& stream,
                     LogPlace& place) {
    const std::uint64_t last = place.last_fence == 0 ? newest : std::min(newest, place.last_fence);
    while (place.fence <= last) {
        const Result<std::string> text =
            logs.read({job, Fence{place.fence}}, stream, place.offset, kLogChunk);
        if (text && !text->empty()) {
            place.taken = static_cast<std::int64_t>(text->size());
            return *text;
        }
        if (place.fence == last) break;
        ++place.fence;
        place.offset = 0;
    }
    return "";
}

struct LogWish {
    std::string stream;
    std::int64_t attempt = 0;  // 0: all
    std::int64_t offset = 0;
    bool follow = false;
};

LogWish read_log_wish(QueryReader& query) {
    LogWish wish;
    wish.stream = query.word("stream", "out", {"out", "err", "system", "metrics"});
    if (query.text("attempt") != "all") wish.attempt = query.number("attempt", 0, 1, kAnyNumber);
    wish.offset = query.number("offset", 0, 0, kAnyNumber);
    wish.follow = query.flag("follow", false);
    return wish;
}

void follow_log(const Call& call, JobId job, const LogWish& wish, const LogPlace& place) {
    auto at = std::make_shared<LogPlace>(place);  // shared by the callbacks of the source
    Source source;
    source.next = [at, stream = wish.stream, &logs = call.parts.logs](const State& state,
                                                                      JobId id) {
        return next_log(logs, state.jobs.at(id).fence.value, id, stream, *at);
    };
    source.accept = [at] { at->offset += at->taken; };
    call.own.followers.follow(call.exchange, "text/plain; charset=utf-8", job, std::move(source));
}

void send_log(const Call& call, JobId job, const LogWish& wish, LogPlace place,
              std::uint64_t newest) {
    const bool taken = call.own.disk.run([&logs = call.parts.logs, exchange = call.exchange, job,
                                          stream = wish.stream, at = place, newest]() mutable {
        Response response;
        response.content_type = "text/plain; charset=utf-8";
        for (std::string text; !(text = next_log(logs, newest, job, stream, at)).empty() &&
                               response.body.size() < kLogBody;) {
            response.body += text;
            at.offset += at.taken;
        }
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
        const auto attempt = static_cast<std::uint64_t>(wish.attempt);
        if (attempt > newest) {
            return later.fail(not_found("job " + to_text(job) + " has no attempt " +
                                        std::to_string(attempt) + "; it has " +
                                        std::to_string(newest)));
        }
        LogPlace place;
        place.offset = wish.offset;
        if (attempt != 0) place.fence = place.last_fence = attempt;
        if (wish.follow) return follow_log(later, job, wish, place);
        send_log(later, job, wish, place, newest);
    });
}

}  // namespace

std::vector<Route> stream_routes() {
    return {{"GET", "/jobs/{job}/events", {"after", "cursor", "limit", "until"}, events},
            {"GET", "/jobs/{job}/logs", {"stream", "attempt", "offset", "follow"}, logs}};
}

}  // namespace herder::api
