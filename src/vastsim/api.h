#pragma once
// The renter's API of the market as a function from request to reply: finds the route, checks key,
// scope and rate limit, injects faults of the reply. The routes themselves are in api_*.cpp. No
// sockets; the caller has advanced the market and holds its lock.
#include <optional>
#include <string>

#include "vastsim/rate_limit.h"
#include "vastsim/route.h"

namespace herder::vastsim {

class Api {
  public:
    Api(Market& market, CallLog& calls, std::string account_key);
    ApiReply handle(const ApiRequest& request);
    ApiState& state() { return state_; }
    // Hands what the market has to tell to the webhooks; also before every call.
    void deliver_notices();

  private:
    struct Found {
        const Route* route = nullptr;  // none: unknown
        std::vector<std::int64_t> ids;
        std::string word;
    };
    static Found find_route(const ApiRequest& request);
    std::optional<ApiReply> refuse_caller(const Found& found, const ApiRequest& request);
    std::optional<ApiReply> refuse_scope(const Route& route, const ApiKey& key,
                                         const Found& found) const;
    ApiReply refuse_unknown_key(const Route& route) const;
    std::optional<ApiReply> account_fault();
    std::optional<ApiReply> too_frequent(const Found& found, const ApiRequest& request);
    ApiReply answer(const Found& found, const ApiRequest& request);
    ApiReply spoil(ApiReply reply);
    ApiReply redirect(const ApiRequest& request);
    ApiReply uploaded(const std::string& path) const;

    ApiState state_;
    RateLimiter limiter_;
    CallRecord record_;  // of the call that is being handled
};

// The body of a create, in the forms that clients send; vast-api 2.2.
Result<CreateRequest> parse_create(ContractNumber ask, const Json& body,
                                   const Scenario& scenario = calm_scenario());

}  // namespace herder::vastsim
