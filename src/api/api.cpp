#include "api/api.h"

#include "api/problem_json.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "base/digest.h"
#include "base/log.h"

namespace herder::api {

namespace {

std::vector<std::string> split_path(const std::string& path) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : path + "/") {
        if (c != '/') {
            part += c;
        } else if (!part.empty()) {
            parts.push_back(std::move(part));
            part.clear();
        }
    }
    return parts;
}

}  // namespace

void Call::fail(const Error& error) const {
    exchange->respond(problem(error, request.path));
}

void Call::json(int status, std::string body) const {
    Response response;
    response.status = status;
    response.body = std::move(body);
    exchange->respond(std::move(response));
}

void with_job(const Call& call, const std::string& text,
              std::function<void(const Call&, const State&, Instant, JobId)> with) {
    // The request outlives this function's caller: it is moved along with the exchange.
    auto request = std::make_shared<Request>(std::move(call.request));  // shared with the reader
    call.parts.engine.read([parts = call.parts, &options = call.options, request,
                            exchange = call.exchange, path = call.path, text,
                            with](const State& state, Instant now) {
        const Call later{parts, options, *request, exchange, path};
        const Result<JobId> job = find_job(state, text);
        if (!job) return later.fail(job.error());
        with(later, state, now, *job);
    });
}

Api::Api(Parts parts, Options options) : parts_(parts), options_(std::move(options)) {}

bool Api::is_authorised(const Request& request) const {
    return equal_secret(sha256_hex(request.bearer), options_.token_hash);
}

void Api::handle(Request request, ExchangePtr exchange) {
    route(request, exchange);
}

void Api::route(Request& request, const ExchangePtr& exchange) {
    Call call{parts_, options_, request, exchange, split_path(request.path)};
    if (call.path.size() < 3 || call.path[0] != "api" || call.path[1] != "v1") {
        return call.fail(
            not_found("there is nothing at " + request.path + "; the API is under /api/v1"));
    }
    call.path.erase(call.path.begin(), call.path.begin() + 2);
    if (call.path[0] == "health") {
        const bool leads = parts_.engine.is_leading();
        return call.json(leads ? 200 : 503, std::string(R"({"status":")") +
                                                (leads ? "ok" : "not leading") + R"(","leading":)" +
                                                (leads ? "true}" : "false}"));
    }
    if (call.path[0] == "version") {
        return call.json(200, R"({"version":")" + options_.version +
                                  R"(","api":1,"agent_protocol":)" +
                                  std::to_string(kAgentProtocol) + "}");
    }
    if (!is_authorised(request)) {
        return call.fail(
            Error{ErrorCode::kUnauthenticated,
                  "the request carries no valid token; send 'Authorization: Bearer' with the "
                  "text of the token file in the server's data folder"});
    }
    if (route_jobs(call) || route_streams(call) || route_market(call) || route_money(call) ||
        route_workdirs(call)) {
        return;
    }
    call.fail(not_found("there is no " + request.method + " " + request.path));
}

}  // namespace herder::api
