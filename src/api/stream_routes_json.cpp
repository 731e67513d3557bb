// What a job leaves behind while it runs and after: events, logs, checkpoints, outputs.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/follower.h"
#include "api/problem_json.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "protocol/layout.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kLogChunk = 64 * 1024;
constexpr std::size_t kLogBody = 16 * 1024 * 1024;

std::uint64_t number_or(const Request& request, const char* key, std::uint64_t fallback) {
    const std::string text = request.query_or(key, "");
    std::uint64_t value = fallback;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

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

void follow_events(const Call& call, JobId job, std::uint64_t after) {
    // Shared by the two callbacks of the source.
    auto seen = std::make_shared<std::pair<std::uint64_t, std::uint64_t>>(after, after);
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
    follow(call.parts, call.exchange, "text/event-stream", job, std::move(source));
}

void events(const Call& call) {
    const std::uint64_t after = number_or(call.request, "after", 0);
    const std::size_t limit =
        std::clamp<std::size_t>(number_or(call.request, "limit", 200), 1, 1000);
    const bool live = call.request.accept.find("text/event-stream") != std::string::npos;
    with_job(call, call.path.at(1), [=](const Call& later, const State&, Instant, JobId job) {
        if (live) return follow_events(later, job, after);
        json::array items;
        json::value next = nullptr;
        for (const Event& event : read_events(later.parts.store, job, after, limit)) {
            items.push_back(json::parse(event_view(event)));
            if (items.size() == limit) next = json::string(std::to_string(event.seq));
        }
        later.json(
            200, json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", next}}));
    });
}

// Where a reader of logs stands.
struct LogPlace {
    std::uint64_t fence = 1;
    std::uint64_t last_fence = 0;  // 0: go on to newer attempts
    std::int64_t offset = 0;
    std::int64_t taken = 0;
};

std::string next_log(LogStore& logs, const State& state, JobId job, const std::string& stream,
                     LogPlace& place) {
    const std::uint64_t newest = state.jobs.at(job).fence.value;
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

Result<LogPlace> read_place(const Request& request, const Job& job) {
    LogPlace place;
    const std::string attempt = request.query_or("attempt", "all");
    place.offset = static_cast<std::int64_t>(number_or(request, "offset", 0));
    if (attempt == "all") return place;
    const std::uint64_t number = number_or(request, "attempt", 0);
    if (number == 0 || number > job.fence.value) {
        return not_found("job " + to_text(job.id) + " has no attempt '" + attempt + "'; it has " +
                         std::to_string(job.fence.value));
    }
    place.fence = place.last_fence = number;
    return place;
}

void logs(const Call& call) {
    const std::string stream = call.request.query_or("stream", "out");
    if (!is_stream(stream)) {
        return call.fail(
            invalid("there is no log stream '" + stream + "'; use out, err or system"));
    }
    const bool live = call.request.query_or("follow", "false") == "true";
    with_job(call, call.path.at(1), [=](const Call& later, const State& state, Instant, JobId job) {
        const Result<LogPlace> place = read_place(later.request, state.jobs.at(job));
        if (!place) return later.fail(place.error());
        auto at = std::make_shared<LogPlace>(*place);  // shared by the callbacks of the source
        Source source;
        source.next = [at, stream, &store = later.parts.logs](const State& now, JobId id) {
            return next_log(store, now, id, stream, *at);
        };
        source.accept = [at] { at->offset += at->taken; };
        if (live)
            return follow(later.parts, later.exchange, "text/plain; charset=utf-8", job,
                          std::move(source));
        Response response;
        response.content_type = "text/plain; charset=utf-8";
        for (std::string text;
             !(text = source.next(state, job)).empty() && response.body.size() < kLogBody;) {
            response.body += text;
            source.accept();
        }
        later.exchange->respond(std::move(response));
    });
}

void checkpoints(const Call& call) {
    with_job(call, call.path.at(1), [](const Call& later, const State& state, Instant, JobId job) {
        later.json(200, checkpoints_view(state, job));
    });
}

void list_outputs(const Call& later, const std::string& prefix) {
    const Result<std::vector<ObjectInfo>> objects = later.parts.objects.list(prefix, 10'000);
    if (!objects) return later.fail(objects.error());
    json::array items;
    for (const ObjectInfo& object : *objects) {
        items.push_back(json::object{{"path", object.key.substr(prefix.size())},
                                     {"size_bytes", object.size.count}});
    }
    later.json(
        200, json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", nullptr}}));
}

void send_output(const Call& later, JobId job, const std::string& key, const std::string& wanted) {
    const Result<ObjectInfo> info = later.parts.objects.head(key);
    if (!info)
        return later.fail(not_found("job " + to_text(job) + " has no output '" + wanted + "'"));
    Response response;
    response.content_type = "application/octet-stream";
    if (later.options.file_of) {
        const Result<std::string> file = later.options.file_of(key);
        if (!file) return later.fail(file.error());
        response.file = *file;
        return later.exchange->respond(std::move(response));
    }
    const Result<std::string> url =
        later.parts.objects.sign(UrlVerb::kGet, key, later.options.wall() + minutes(15));
    if (!url) return later.fail(url.error());
    response.status = 307;
    response.headers.emplace_back("Location", *url);
    later.exchange->respond(std::move(response));
}

void outputs(const Call& call) {
    std::string wanted;
    for (std::size_t i = 3; i < call.path.size(); ++i)
        wanted += (wanted.empty() ? "" : "/") + call.path[i];
    with_job(
        call, call.path.at(1), [wanted](const Call& later, const State& state, Instant, JobId job) {
            const std::string prefix = protocol::outputs_prefix(state.jobs.at(job).spec.team, job);
            if (wanted.empty()) return list_outputs(later, prefix);
            send_output(later, job, prefix + wanted, wanted);
        });
}

}  // namespace

bool route_streams(const Call& call) {
    if (call.path.at(0) != "jobs" || call.path.size() < 3 || call.request.method != "GET")
        return false;
    const std::string& what = call.path.at(2);
    if (what == "outputs") return outputs(call), true;
    if (call.path.size() > 3) return false;
    if (what == "events") return events(call), true;
    if (what == "logs") return logs(call), true;
    if (what == "checkpoints") return checkpoints(call), true;
    return false;
}

}  // namespace herder::api
