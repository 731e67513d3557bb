#include "vastsim/api.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace herder::vastsim {

namespace {

constexpr std::array<std::string_view, 4> kPatterns = {"/api/v0/instances/bid_price/",
                                                       "/api/v0/instances/", "/api/v0/asks/", ""};
constexpr std::array<std::string_view, 10> kRoutes = {
    "POST /api/v0/bundles/",          "PUT /api/v0/asks/{id}/",
    "GET /api/v0/instances/{id}/",    "PUT /api/v0/instances/{id}/",
    "DELETE /api/v0/instances/{id}/", "PUT /api/v0/instances/bid_price/{id}/",
    "GET /api/v1/instances/",         "GET /api/v0/instances/",
    "GET /api/v0/users/current/",     "GET /api/v0/charges/"};

constexpr std::string_view kGatewayPage =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

// "12345/" -> 12345; -1 when it is something else.
ContractNumber number_in(std::string_view text) {
    if (!text.empty() && text.back() == '/') text.remove_suffix(1);
    ContractNumber number = -1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
    return whole && number > 0 ? number : -1;
}

// Unknown keys answer 404 on these, 401 elsewhere (vast-api 1.2).
bool hides_bad_keys(const std::string& route) {
    return route == "POST /api/v0/bundles/" || route == "GET /api/v0/charges/";
}

std::string permission_of(const std::string& route) {
    if (route.find("/charges/") != std::string::npos) return "billing_read";
    if (route.find("/users/") != std::string::npos) return "user_read";
    return route.starts_with("GET") ? "instance_read" : "instance_write";
}

}  // namespace

ApiReply json_reply(int status, const Json& body) {
    ApiReply reply;
    reply.status = status;
    reply.body = body.to_text();
    return reply;
}

ApiReply failure(int status, std::string_view error, std::string_view msg) {
    Json body;
    body.set("success", false).set("error", error).set("msg", msg);
    return json_reply(status, body);
}

ApiReply gateway_error() {
    ApiReply reply;
    reply.status = 502;
    reply.body = kGatewayPage;
    reply.content_type = "text/html";
    return reply;
}

Api::Api(Market& market, CallLog& calls, std::string account_key)
    : market_(market),
      calls_(calls),
      account_key_(std::move(account_key)),
      limiter_(market.scenario().refused_calls_restart_interval, market.scenario().create_penalty),
      score_noise_(1, "score") {}

Api::Route Api::route_of(const ApiRequest& request) {
    Route route;
    std::string pattern = request.path;
    for (const std::string_view prefix : kPatterns) {
        if (prefix.empty() || !request.path.starts_with(prefix)) continue;
        if (request.path.size() == prefix.size()) break;
        route.id = number_in(std::string_view(request.path).substr(prefix.size()));
        pattern = std::string(prefix) + "{id}/";
        break;
    }
    const std::string name = request.method + " " + pattern;
    if (std::find(kRoutes.begin(), kRoutes.end(), name) != kRoutes.end()) route.name = name;
    return route;
}

Api::Caller Api::caller_of(const ApiRequest& request) const {
    if (request.key.empty()) return Caller::kNobody;
    if (request.key == account_key_) return Caller::kAccount;
    return market_.number_of_key(request.key) != 0 ? Caller::kInstance : Caller::kInvalid;
}

std::optional<ApiReply> Api::refuse_caller(const Route& route, const ApiRequest& request,
                                           Caller caller) const {
    switch (caller) {
        case Caller::kAccount:
            return std::nullopt;
        case Caller::kNobody:
            if (route.name == "POST /api/v0/bundles/") return std::nullopt;
            return failure(403, "auth_error", "This action requires login.");
        case Caller::kInvalid:
            return failure(hides_bad_keys(route.name) ? 404 : 401, "auth_error",
                           "Invalid user key");
        case Caller::kInstance:
            break;
    }
    // The key of one instance may show, start, stop and destroy that instance (vast-api 1.5).
    const bool own = route.id == market_.number_of_key(request.key) &&
                     route.name.ends_with(" /api/v0/instances/{id}/");
    if (own) return std::nullopt;
    return failure(401, "auth_error",
                   "Your key lacks the " + permission_of(route.name) + " permission group");
}

ApiReply Api::handle(const ApiRequest& request) {
    record_ = {.at = market_.now(),
               .route = request.method + " " + request.path,
               .path = request.path,
               .status = 0,
               .label = "",
               .new_contract = 0,
               .instance_key = false};
    ApiReply reply;
    if (!request.path.ends_with('/')) {
        reply.status = 301;
        reply.location =
            request.path + "/" + (request.raw_query.empty() ? "" : "?" + request.raw_query);
        reply.content_type = "text/html";
        record_.route = request.method + " (no trailing slash)";
    } else if (const Route route = route_of(request); route.name.empty()) {
        record_.route = request.method + " (unknown)";
        reply = failure(404, "not_found", "Not Found");
    } else {
        record_.route = route.name;
        const Caller caller = caller_of(request);
        record_.instance_key = caller == Caller::kInstance;
        const auto refused = refuse_caller(route, request, caller);
        const auto slow =
            refused ? std::nullopt
                    : limiter_.check(route.name, request.key, request.client_ip, market_.now());
        if (refused) {
            reply = *refused;
        } else if (slow || market_.faults().strikes("rate_limited")) {
            const RateReply text = slow ? *slow : limiter_.refusal(route.name);
            reply.status = 429;
            reply.body = text.body;
            reply.content_type = text.content_type;
        } else {
            reply = dispatch(route, request);
        }
    }
    record_.status = reply.delivery == Delivery::kDropped ? 0 : reply.status;
    calls_.add(record_);
    return reply;
}

ApiReply Api::dispatch(const Route& route, const ApiRequest& request) {
    const std::string& name = route.name;
    if (name == "POST /api/v0/bundles/") return search(request);
    if (name == "GET /api/v1/instances/") return list(request);
    if (name == "GET /api/v0/instances/") return list_old();
    if (name == "GET /api/v0/users/current/") return current_user();
    if (name == "GET /api/v0/charges/") return charges(request);
    if (route.id <= 0) {
        return name.find("/asks/") != std::string::npos
                   ? failure(400, "invalid_args",
                             "error 400/3467: Invalid args: 'id' is required and must be a valid "
                             "offer ID")
                   : failure(400, "invalid_args", "invalid instance_id");
    }
    if (name == "PUT /api/v0/asks/{id}/") return create(route.id, request);
    if (name == "GET /api/v0/instances/{id}/") return show(route.id);
    if (name == "PUT /api/v0/instances/{id}/") return manage(route.id, request);
    if (name == "DELETE /api/v0/instances/{id}/") return destroy(route.id);
    return change_bid(route.id, request);
}

}  // namespace herder::vastsim
