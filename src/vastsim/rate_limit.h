#pragma once
// Minimum intervals per (route, method, identity), and the search's calls per minute (vast-api 6).
// In market time. It answers how a refusal reads; it does not refuse by itself.
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "vastsim/scenario.h"

namespace herder::vastsim {

struct RateReply {
    std::string content_type;
    std::string body;
    std::string threshold;  // seconds, as the text tells it
};

struct RateRules {
    bool refused_calls_restart = true;  // strict
    bool per_id = false;                // one interval for each concrete id, not for the route
    Duration create_penalty;            // lock-out of creates after a violation
};
RateRules rate_rules(const Scenario& scenario);

// `route` is such as "PUT /api/v0/asks/{id}/".
struct RateCaller {
    std::string_view route;
    std::string identity;
    std::string ip;
    std::int64_t id = 0;  // the number in the path
};

class RateLimiter {
  public:
    explicit RateLimiter(RateRules limits) : rules_(limits) {}

    // The body of the 429, or nothing when the call may go on.
    std::optional<RateReply> check(const RateCaller& caller, WallTime now);
    // The next of the four shapes in turn; destroy always has its own (vast-api 6.2).
    RateReply refusal(std::string_view route);

  private:
    std::optional<RateReply> check_search(const std::string& ip, WallTime now);

    RateRules rules_;
    std::map<std::string, WallTime> last_call_;
    std::map<std::string, WallTime> locked_until_;
    std::map<std::string, std::deque<WallTime>> searches_;
    std::size_t next_shape_ = 0;
};

}  // namespace herder::vastsim
