// What happened to a job, as a list or a live stream.
#include <boost/json.hpp>
#include <charconv>
#include <limits>

#include "api/follower.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

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
        return News{text};
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

}  // namespace

std::vector<Route> stream_routes() {
    return {{"GET", "/jobs/{job}/events", {"after", "cursor", "limit", "until"}, events}};
}

}  // namespace herder::api
