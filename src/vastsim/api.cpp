#include "vastsim/api.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace herder::vastsim {

namespace {

constexpr std::string_view kUploads = "/vast.ai/instance_logs/";
constexpr std::string_view kTwoFactor =
    "This action requires you to have logged in using Two Factor Authentication.";

const std::vector<Route>& all_routes() {
    static const std::vector<Route> kAll = [] {
        std::vector<Route> all;
        for (const auto& family :
             {search_routes(), create_routes(), instance_routes(), manage_routes(),
              lifecycle_routes(), price_routes(), log_routes(), account_routes(), bill_routes(),
              ssh_routes(), secret_routes(), key_routes(), template_routes(), webhook_routes(),
              volume_routes(), machine_routes()})
            all.insert(all.end(), family.begin(), family.end());
        return all;
    }();
    return kAll;
}

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (slash != 0) out.push_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
    }
    return out;
}

std::int64_t number_in(std::string_view text) {
    std::int64_t number = -1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
    return whole && number > 0 ? number : -1;
}

// Unknown keys answer 404 on these, 401 elsewhere (vast-api 1.2).
bool hides_bad_keys(std::string_view pattern) {
    return pattern.find("/bundles/") != std::string_view::npos ||
           pattern.find("/search/asks/") != std::string_view::npos ||
           pattern.find("/charges/") != std::string_view::npos ||
           pattern.find("/invoices/") != std::string_view::npos;
}

bool is_search(std::string_view pattern) {
    return pattern == "/api/v0/bundles/" || pattern == "/api/v0/search/asks/";
}

}  // namespace

Api::Api(Market& market, CallLog& calls, std::string account_key)
    : state_{.market = market,
             .calls = calls,
             .account = Account(std::move(account_key), market.now()),
             .score_noise = RandomStream(1, "score"),
             .public_url = "",
             .read_log = [](ContractNumber) { return std::string(); },
             .run_command = [](ContractNumber, const std::string&) { return std::string(); },
             .webhooks = WebhookQueue(market.faults()),
             .uploads = {}},
      limiter_(rate_rules(market.scenario())) {}

Api::Found Api::find_route(const ApiRequest& request) {
    Found best;
    std::size_t fewest = 99;
    const auto path = segments(request.path);
    for (const Route& route : all_routes()) {
        if (route.method != request.method) continue;
        const auto pattern = segments(route.pattern);
        if (pattern.size() != path.size()) continue;
        Found found{&route, {}, {}};
        std::size_t holes = 0;
        bool fits = true;
        for (std::size_t i = 0; i < path.size() && fits; ++i) {
            if (pattern[i] == "{id}") {
                found.ids.push_back(number_in(path[i]));
                ++holes;
            } else if (pattern[i] == "{word}") {
                found.word = path[i];
                ++holes;
            } else {
                fits = pattern[i] == path[i];
            }
        }
        if (!fits || holes >= fewest) continue;
        fewest = holes;
        best = std::move(found);
    }
    return best;
}

ApiReply Api::refuse_unknown_key(const Route& route) const {
    return failure(hides_bad_keys(route.pattern) ? 404 : 401, "auth_error", "Invalid user key");
}

std::optional<ApiReply> Api::account_fault() {
    FaultTable& faults = state_.market.faults();
    if (faults.strikes("tfa_missing")) return failure(401, "auth_error", kTwoFactor);
    if (faults.strikes("tfa_expired")) {
        return failure(404, "auth_error", "Session expired. Please log in again.");
    }
    if (faults.strikes("key_deleted")) return failure(401, "auth_error", "Invalid user key");
    return std::nullopt;
}

std::optional<ApiReply> Api::refuse_scope(const Route& route, const ApiKey& key,
                                          const Found& found) const {
    const std::int64_t id = found.ids.empty() ? 0 : found.ids.front();
    if (key.allows(route.scope, route.endpoint, id)) return std::nullopt;
    return failure(state_.market.scenario().scope_missing_403 ? 403 : 401, "auth_error",
                   "Your key lacks the " + std::string(route.scope) + " permission group");
}

std::optional<ApiReply> Api::refuse_caller(const Found& found, const ApiRequest& request) {
    const Route& route = *found.route;
    if (route.scope.empty()) return std::nullopt;
    if (request.key.empty()) {
        if (is_search(route.pattern)) return std::nullopt;
        if (route.pattern == "/api/v0/volumes/" && request.method == "GET") {
            Json body;
            body.set("detail", "Authentication credentials were not provided.");
            return json_reply(401, body);
        }
        return failure(403, "auth_error", "This action requires login.");
    }
    if (const ApiKey* key = state_.account.find_key(request.key)) {
        if (!is_search(route.pattern)) {
            if (auto fault = account_fault()) return fault;
        }
        return refuse_scope(route, *key, found);
    }
    const ContractNumber own = state_.market.number_of_key(request.key);
    if (own == 0) return refuse_unknown_key(route);
    // The key of one instance may show, start, stop and destroy that instance (vast-api 1.5).
    record_.instance_key = true;
    const bool allowed = route.pattern == "/api/v0/instances/{id}/" && found.ids.front() == own;
    if (allowed) return std::nullopt;
    return failure(401, "auth_error",
                   "Your key lacks the " + std::string(route.scope) + " permission group");
}

std::optional<ApiReply> Api::too_frequent(const Found& found, const ApiRequest& request) {
    const std::string name = name_of(*found.route);
    const std::int64_t id = found.ids.empty() ? 0 : found.ids.front();
    const auto slow =
        limiter_.check({name, request.key, request.client_ip, id}, state_.market.now());
    if (!slow && !state_.market.faults().strikes("rate_limited")) return std::nullopt;
    const RateReply refusal = slow ? *slow : limiter_.refusal(name);
    ApiReply reply = text_reply(429, refusal.content_type, refusal.body);
    if (state_.market.scenario().retry_after_header) reply.retry_after = refusal.threshold;
    return reply;
}

ApiReply Api::answer(const Found& found, const ApiRequest& request) {
    const Route& route = *found.route;
    Call call{.request = request,
              .state = state_,
              .market = state_.market,
              .account = state_.account,
              .record = record_,
              .ids = found.ids,
              .word = found.word,
              .body = Json::object()};
    if (!request.body.empty()) {
        Result<Json> body = parse_json(request.body);
        if (!body && route.pattern == "/api/v0/instances/command/{id}/") {
            return failure(483, "invalid_args", "Invalid json_body");  // vast-api 2.10
        }
        if (!body || body->if_object() == nullptr) {
            return failure(400, "invalid_request", "Invalid json body");
        }
        call.body = std::move(*body);
    }
    const bool bad_id =
        std::any_of(call.ids.begin(), call.ids.end(), [](auto id) { return id < 0; });
    if (bad_id && route.pattern == "/api/v0/asks/{id}/") {
        return failure(
            400, "invalid_args",
            "error 400/3467: Invalid args: 'id' is required and must be a valid offer ID");
    }
    if (bad_id) return failure(400, "invalid_args", "invalid instance_id");
    return spoil(route.handler(call));
}

// Failures of the reply although the call was executed; on any route (vast-api 8.4).
ApiReply Api::spoil(ApiReply reply) {
    FaultTable& faults = state_.market.faults();
    if (faults.strikes("reply_lost")) reply.delivery = Delivery::kDropped;
    if (faults.strikes("reply_cut")) reply.delivery = Delivery::kTruncated;
    if (faults.strikes("reply_html")) reply = gateway_error();
    if (faults.strikes("reply_wrong_type")) reply.content_type = "text/html";
    if (faults.strikes("reply_slow")) {
        reply.delay = seconds(faults.amount_of("reply_slow", 120));
    }
    return reply;
}

ApiReply Api::redirect(const ApiRequest& request) {
    ApiReply reply;
    reply.status = 301;
    reply.location =
        request.path + "/" + (request.raw_query.empty() ? "" : "?" + request.raw_query);
    reply.content_type = "text/html";
    record_.route = request.method + " (no trailing slash)";
    return reply;
}

// As the object storage behind the logs answers: no key, 403 until the object exists.
ApiReply Api::uploaded(const std::string& path) const {
    const auto found = state_.uploads.find(path.substr(kUploads.size()));
    if (found == state_.uploads.end() || found->second.from > state_.market.now()) {
        return text_reply(403, "application/xml",
                          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied"
                          "</Code><Message>Access Denied</Message></Error>");
    }
    return text_reply(200, "text/plain", found->second.text);
}

void Api::deliver_notices() {
    for (const Notice& notice : state_.market.take_notices())
        state_.webhooks.add(state_.account, notice, state_.market.now());
}

ApiReply Api::handle(const ApiRequest& request) {
    deliver_notices();
    record_ = {.at = state_.market.now(),
               .route = request.method + " " + request.path,
               .path = request.path,
               .status = 0,
               .label = "",
               .new_contract = 0,
               .instance_key = false,
               .client_ip = request.client_ip};
    ApiReply reply;
    const Found found = find_route(request);
    const bool serve_bare = found.route && (found.route->slash_optional ||
                                            state_.market.scenario().serve_without_slash);
    if (request.path.starts_with(kUploads)) {
        record_.route = "GET (uploaded text)";
        reply = uploaded(request.path);
    } else if (!request.path.ends_with('/') && !serve_bare) {
        reply = redirect(request);
    } else if (found.route == nullptr) {
        record_.route = request.method + " (unknown)";
        reply = failure(404, "not_found", "Not Found");
    } else {
        record_.route = name_of(*found.route);
        auto refused = refuse_caller(found, request);
        if (!refused) refused = too_frequent(found, request);
        reply = refused ? *refused : answer(found, request);
    }
    record_.status = reply.delivery == Delivery::kDropped ? 0 : reply.status;
    state_.calls.add(record_);
    return reply;
}

}  // namespace herder::vastsim
