#include "adapters/providers/vast/api.h"

#include <algorithm>

#include "adapters/http/retry_after.h"
#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/reply_json.h"

namespace herder::vast {

namespace {

// An offer is 2.5 to 4 KB and a whole-market search was seen with 2,382 of them (August 2026).
constexpr std::size_t kBodyLimit = 32 << 20;
constexpr int kAttemptsMax = 4;

// What the schedule learns from an answer. A market that refuses is there; one that only its
// gateway speaks for is not.
CallEnd judge_end(const http::CallResult& result) {
    if (!result || result->status >= 500) return {CallEnd::Kind::kFailed, {}, {}};
    if (result->status != 429) return {CallEnd::Kind::kAnswered, {}, {}};
    // The header is not documented, but clients have seen it.
    return {CallEnd::Kind::kTooFrequent, find_threshold(result->body).value_or(Duration{}),
            http::retry_after(result->headers)};
}

http::CallError to_error(const NotSent& refused) {
    const ErrorCode code = refused.market_fails ? ErrorCode::kUnavailable : ErrorCode::kRateLimited;
    return {{code, refused.why}, false};
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

Api::Api(Transport transport, std::string key, CallGate& gate)
    : transport_(std::move(transport)), key_(std::move(key)), gate_(gate) {}

http::Request Api::make_request(const ApiCall& call) const {
    http::Request request;
    request.method = call.method;
    request.target = call.target;
    request.headers.set("Authorization", "Bearer " + key_);
    request.headers.set("Accept", "application/json");
    if (!call.body.empty()) {
        request.headers.set("Content-Type", "application/json");
        request.body = call.body;
    }
    return request;
}

OneCall Api::attempt(const ApiCall& call, bool fresh_connection,
                     const std::function<bool()>& may_send) {
    const http::Request request = make_request(call);
    http::CallOptions options;
    options.timeout = call.timeout;
    options.body_limit = kBodyLimit;
    options.fresh_connection = fresh_connection;
    auto permit = gate_.enter({.route = call.route,
                               .importance = call.importance.value_or(importance_of(call.route)),
                               .owner = call.owner,
                               .give_up = gate_.now() + call.patience});
    if (!permit) return {to_error(permit.error()), permit.error().retry_in};
    if (may_send && !may_send()) {
        permit->drop();
        const Error error{ErrorCode::kCancelled, "not sent: it had become too late"};
        return {http::CallError{error, false}, {}};
    }
    http::CallResult result = transport_(request, options);
    permit->ended(judge_end(result));
    return {std::move(result), {}};
}

OneCall Api::send_once(const ApiCall& call, const std::function<bool()>& may_send) {
    return attempt(call, true, may_send);
}

http::CallResult Api::send(const ApiCall& call) {
    for (int attempts = 1;; ++attempts) {
        http::CallResult result = attempt(call, false, {}).result;
        if (!result || result->status != 429 || attempts == kAttemptsMax) return result;
    }
}

Result<http::Response> Api::fetch(const ApiCall& call) {
    http::CallResult result = send(call);
    if (!result) return result.error().error;
    const Reply reply = parse_reply(result->status, result->body);
    if (const auto error = find_read_error(reply)) {
        return error->with_context(call.method + " " +
                                   call.target.substr(0, call.target.find('?')));
    }
    return std::move(*result);
}

Result<std::string> Api::read(const ApiCall& call) {
    Result<http::Response> response = fetch(call);
    if (!response) return response.error();
    return std::move(response->body);
}

}  // namespace herder::vast
