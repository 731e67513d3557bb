#include "adapters/providers/vast/api.h"

#include <algorithm>
#include <charconv>

#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/reply_json.h"

namespace herder::vast {

namespace {

// An offer is 2.5 to 4 KB and a whole-market search was seen with 2,382 of them (August 2026).
constexpr std::size_t kBodyLimit = 32 << 20;
constexpr int kAttemptsMax = 4;

// The larger of what the body and the header ask for. The header is not documented, but clients
// have seen it.
Duration asked_wait(const http::Response& response) {
    Duration wait = find_threshold(response.body).value_or(Duration{});
    if (const auto header = response.headers.get("Retry-After")) {
        std::int64_t number = 0;
        const auto [end, ec] =
            std::from_chars(header->data(), header->data() + header->size(), number);
        if (ec == std::errc() && number > 0 && number < 86'400) {
            wait = std::max(wait, seconds(number));
        }
    }
    return wait;
}

}  // namespace

Result<Transport> open_transport(const std::string& url) {
    auto client = http::Client::open(url);
    if (!client) return client.error().with_context("opening the market at " + url);
    // Shared by the copies that std::function makes of the closure.
    const std::shared_ptr<http::Client> shared = std::move(*client);
    return Transport([shared](const http::Request& request, const http::CallOptions& options) {
        return shared->call(request, options);
    });
}

Api::Api(Transport transport, std::string key, Pace& pace)
    : transport_(std::move(transport)), key_(std::move(key)), pace_(pace) {}

http::CallResult Api::attempt(const ApiCall& call, bool fresh_connection,
                              const std::function<bool()>& may_send) {
    http::Request request;
    request.method = call.method;
    request.target = call.target;
    request.headers.set("Authorization", "Bearer " + key_);
    request.headers.set("Accept", "application/json");
    if (!call.body.empty()) {
        request.headers.set("Content-Type", "application/json");
        request.body = call.body;
    }
    http::CallOptions options;
    options.timeout = call.timeout;
    options.body_limit = kBodyLimit;
    options.fresh_connection = fresh_connection;
    pace_.wait_for_turn(call.route);
    if (may_send && !may_send()) {
        const Error error{ErrorCode::kCancelled, "not sent: it had become too late"};
        return http::CallError{error, false};
    }
    http::CallResult result = transport_(request, options);
    pace_.note_answer(call.route);
    if (result && result->status == 429) pace_.note_refusal(call.route, asked_wait(*result));
    return result;
}

http::CallResult Api::send_once(const ApiCall& call, const std::function<bool()>& may_send) {
    return attempt(call, true, may_send);
}

http::CallResult Api::send(const ApiCall& call) {
    for (int attempts = 1;; ++attempts) {
        http::CallResult result = attempt(call, false, {});
        if (!result || result->status != 429 || attempts == kAttemptsMax) return result;
    }
}

Result<std::string> Api::read(const ApiCall& call) {
    http::CallResult result = send(call);
    if (!result) return result.error().error;
    const Reply reply = parse_reply(result->status, result->body);
    if (const auto error = find_read_error(reply)) {
        return error->with_context(call.method + " " +
                                   call.target.substr(0, call.target.find('?')));
    }
    return std::move(result->body);
}

}  // namespace herder::vast
