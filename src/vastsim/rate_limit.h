#pragma once
// Minimum intervals per (route, method, identity), and the search's calls per minute (vast-api 6).
// In market time. It answers how a refusal reads; it does not refuse by itself.
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace herder::vastsim {

struct RateReply {
    std::string content_type;
    std::string body;
};

class RateLimiter {
  public:
    RateLimiter(bool refused_calls_restart, Duration create_penalty)
        : refused_calls_restart_(refused_calls_restart), create_penalty_(create_penalty) {}

    // The body of the 429, or nothing when the call may go on. `route` is such as
    // "PUT /api/v0/asks/{id}/".
    std::optional<RateReply> check(std::string_view route, const std::string& identity,
                                   const std::string& ip, WallTime now);
    // The next of the four shapes in turn; destroy always has its own (vast-api 6.2).
    RateReply refusal(std::string_view route);

  private:
    std::optional<RateReply> check_search(const std::string& ip, WallTime now);

    bool refused_calls_restart_;
    Duration create_penalty_;
    std::map<std::string, WallTime> last_call_;
    std::map<std::string, WallTime> locked_until_;
    std::map<std::string, std::deque<WallTime>> searches_;
    std::size_t next_shape_ = 0;
};

}  // namespace herder::vastsim
