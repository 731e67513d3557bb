#include "vastsim/rate_limit.h"

#include <array>

namespace herder::vastsim {

namespace {

struct Threshold {
    std::string_view route;
    Duration interval;
    std::string_view text;
};

// vast-api 6.1, documented values of August 2026. GET /api/v0/instances/ has none of its own; it
// is treated like its v1 twin.
constexpr std::array kThresholds = {
    Threshold{"PUT /api/v0/asks/{id}/", milliseconds(4500), "4.5"},
    Threshold{"GET /api/v0/instances/{id}/", seconds(2), "2.0"},
    Threshold{"GET /api/v1/instances/", seconds(1), "1.0"},
    Threshold{"GET /api/v0/instances/", seconds(1), "1.0"},
    Threshold{"PUT /api/v0/instances/{id}/", seconds(1), "1.0"},
    Threshold{"DELETE /api/v0/instances/{id}/", seconds(3), "3.0"},
    Threshold{"PUT /api/v0/instances/bid_price/{id}/", milliseconds(5500), "5.5"},
    Threshold{"PUT /api/v0/launch_instance/", seconds(5), "5.0"},
    Threshold{"POST /api/v0/asks/bulk/", milliseconds(4500), "4.5"},
    Threshold{"PUT /api/v0/instances/", seconds(1), "1.0"},
    Threshold{"DELETE /api/v0/instances/", seconds(3), "3.0"},
    Threshold{"PUT /api/v0/instances/reboot/{id}/", seconds(1), "1.0"},
    Threshold{"PUT /api/v0/instances/recycle/{id}/", seconds(1), "1.0"},
    Threshold{"PUT /api/v0/instances/command/{id}/", milliseconds(1500), "1.5"},
    Threshold{"POST /api/v0/instances/start/", seconds(2), "2.0"},
    Threshold{"PUT /api/v0/instances/prepay/{id}/", seconds(2), "2.0"},
    Threshold{"GET /api/v0/instances/balance/{id}/", seconds(3), "3.0"},
    Threshold{"DELETE /api/v0/instances/{id}/ssh/{id}/", seconds(2), "2.0"},
    Threshold{"POST /api/v0/ssh/", seconds(1), "1.0"},
    Threshold{"GET /api/v0/secrets/", seconds(5), "5.0"},
    Threshold{"POST /api/v0/secrets/", seconds(3), "3.0"},
    Threshold{"PUT /api/v0/secrets/", seconds(3), "3.0"},
    Threshold{"DELETE /api/v0/secrets/", seconds(3), "3.0"},
    Threshold{"GET /api/v0/volumes/", milliseconds(5500), "5.5"},
    Threshold{"PUT /api/v0/volumes/", milliseconds(5500), "5.5"},
    Threshold{"DELETE /api/v0/volumes/", milliseconds(5500), "5.5"},
    Threshold{"POST /api/v0/volumes/search/", milliseconds(5500), "5.5"},
    Threshold{"GET /api/v0/template/", seconds(3), "3.0"},
    Threshold{"POST /api/v0/template/", seconds(3), "3.0"},
    Threshold{"PUT /api/v0/template/", seconds(3), "3.0"},
    Threshold{"DELETE /api/v0/template/", seconds(3), "3.0"},
    Threshold{"GET /api/v0/auth/apikeys/", seconds(1), "1.0"},
    Threshold{"POST /api/v0/auth/apikeys/", seconds(2), "2.0"},
    Threshold{"DELETE /api/v0/auth/apikeys/{id}/", seconds(2), "2.0"},
    Threshold{"GET /api/v0/charges/", seconds(1), "1.0"},
    Threshold{"GET /api/v1/invoices/", seconds(3), "3.0"},
    Threshold{"PUT /api/v0/machines/{id}/report/", milliseconds(1200), "1.2"},
};
constexpr std::array<std::string_view, 4> kSearches = {
    "POST /api/v0/bundles/", "GET /api/v0/bundles/", "PUT /api/v0/search/asks/",
    "GET /api/v0/search/asks/"};
constexpr std::string_view kCreate = "PUT /api/v0/asks/{id}/";
constexpr std::string_view kDestroy = "DELETE /api/v0/instances/{id}/";
constexpr std::size_t kSearchesPerMinute = 10;  // per IP

const Threshold* threshold_of(std::string_view route) {
    for (const Threshold& threshold : kThresholds) {
        if (threshold.route == route) return &threshold;
    }
    return nullptr;
}

}  // namespace

RateRules rate_rules(const Scenario& scenario) {
    return {.refused_calls_restart = scenario.refused_calls_restart_interval,
            .per_id = scenario.rate_limit_per_id,
            .create_penalty = scenario.create_penalty};
}

std::optional<RateReply> RateLimiter::check(const RateCaller& caller, WallTime now) {
    for (const std::string_view search : kSearches) {
        if (caller.route == search) return check_search(caller.ip, now);
    }
    const Threshold* threshold = threshold_of(caller.route);
    if (threshold == nullptr) return std::nullopt;
    std::string key = std::string(caller.route) + '\n' + caller.identity + '\n' + caller.ip;
    if (rules_.per_id) key += '\n' + std::to_string(caller.id);
    const auto last = last_call_.find(key);
    const auto locked = locked_until_.find(key);
    const bool too_soon = last != last_call_.end() && now - last->second < threshold->interval;
    const bool locked_out = locked != locked_until_.end() && now < locked->second;
    if (!too_soon && !locked_out) {
        last_call_[key] = now;
        return std::nullopt;
    }
    if (rules_.refused_calls_restart) last_call_[key] = now;
    if (caller.route == kCreate && !locked_out) locked_until_[key] = now + rules_.create_penalty;
    return refusal(caller.route);
}

std::optional<RateReply> RateLimiter::check_search(const std::string& ip, WallTime now) {
    std::deque<WallTime>& calls = searches_[ip];
    while (!calls.empty() && now - calls.front() >= minutes(1))
        calls.pop_front();
    if (calls.size() >= kSearchesPerMinute) return refusal(kSearches.front());
    calls.push_back(now);
    return std::nullopt;
}

RateReply RateLimiter::refusal(std::string_view route) {
    const Threshold* threshold = threshold_of(route);
    const std::string text(threshold ? threshold->text : "6.0");
    const std::string sentence = "API requests too frequent endpoint threshold=" + text;
    const RateReply destroy{
        "application/json",
        R"({"success":false,"error":"rate_limit_exceeded","msg":")" + sentence + "\"}", text};
    if (route == kDestroy) return destroy;
    switch (next_shape_++ % 4) {
        case 0:
            return {"application/json", R"({"detail":")" + sentence + "\"}", text};
        case 1:
            return {"text/plain", "API requests too frequent", text};
        case 2:
            return {"text/plain", "API requests too frequent: endpoint threshold=" + text, text};
        default:
            return destroy;
    }
}

}  // namespace herder::vastsim
