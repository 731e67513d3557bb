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
    Threshold{"GET /api/v0/charges/", seconds(1), "1.0"},
};
constexpr std::string_view kSearch = "POST /api/v0/bundles/";
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

std::optional<RateReply> RateLimiter::check(std::string_view route, const std::string& identity,
                                            const std::string& ip, WallTime now) {
    if (route == kSearch) return check_search(ip, now);
    const Threshold* threshold = threshold_of(route);
    if (threshold == nullptr) return std::nullopt;
    const std::string key = std::string(route) + '\n' + identity + '\n' + ip;
    const auto last = last_call_.find(key);
    const auto locked = locked_until_.find(key);
    const bool too_soon = last != last_call_.end() && now - last->second < threshold->interval;
    const bool locked_out = locked != locked_until_.end() && now < locked->second;
    if (!too_soon && !locked_out) {
        last_call_[key] = now;
        return std::nullopt;
    }
    if (refused_calls_restart_) last_call_[key] = now;
    if (route == kCreate && !locked_out) locked_until_[key] = now + create_penalty_;
    return refusal(route);
}

std::optional<RateReply> RateLimiter::check_search(const std::string& ip, WallTime now) {
    std::deque<WallTime>& calls = searches_[ip];
    while (!calls.empty() && now - calls.front() >= minutes(1))
        calls.pop_front();
    if (calls.size() >= kSearchesPerMinute) return refusal(kSearch);
    calls.push_back(now);
    return std::nullopt;
}

RateReply RateLimiter::refusal(std::string_view route) {
    const Threshold* threshold = threshold_of(route);
    const std::string text(threshold ? threshold->text : "6.0");
    const std::string sentence = "API requests too frequent endpoint threshold=" + text;
    const RateReply destroy{
        "application/json",
        R"({"success":false,"error":"rate_limit_exceeded","msg":")" + sentence + "\"}"};
    if (route == kDestroy) return destroy;
    switch (next_shape_++ % 4) {
        case 0:
            return {"application/json", R"({"detail":")" + sentence + "\"}"};
        case 1:
            return {"text/plain", "API requests too frequent"};
        case 2:
            return {"text/plain", "API requests too frequent: endpoint threshold=" + text};
        default:
            return destroy;
    }
}

}  // namespace herder::vastsim
