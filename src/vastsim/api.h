#pragma once
// The renter's API of the market as a function from request to reply: routing, keys, rate limits,
// bodies and injected reply faults. No sockets; the caller has advanced the market and holds its
// lock. Split over api.cpp, api_search.cpp, api_create.cpp, api_instances.cpp, api_account.cpp.
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "vastsim/call_log.h"
#include "vastsim/market.h"
#include "vastsim/rate_limit.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

struct ApiRequest {
    std::string method;
    std::string path;  // decoded, without the query
    std::map<std::string, std::string> query;
    std::string key;  // bearer token or api_key; empty when none
    std::string client_ip;
    std::string body;
    std::string raw_query;  // for the redirect
};

enum class Delivery {
    kWhole,
    kTruncated,  // the connection breaks inside the body
    kDropped,    // the connection is closed without a reply
};

struct ApiReply {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::string location;
    Delivery delivery = Delivery::kWhole;
};

class Api {
  public:
    Api(Market& market, CallLog& calls, std::string account_key);
    ApiReply handle(const ApiRequest& request);

  private:
    enum class Caller { kNobody, kAccount, kInstance, kInvalid };
    struct Route {
        std::string name;       // "GET /api/v0/instances/{id}/"; empty: unknown
        ContractNumber id = 0;  // 0: none, -1: not a number
    };
    static Route route_of(const ApiRequest& request);
    Caller caller_of(const ApiRequest& request) const;
    std::optional<ApiReply> refuse_caller(const Route& route, const ApiRequest& request,
                                          Caller caller) const;
    ApiReply dispatch(const Route& route, const ApiRequest& request);

    ApiReply search(const ApiRequest& request);
    ApiReply create(ContractNumber ask, const ApiRequest& request);
    std::optional<ApiReply> fail_create_early(ContractNumber ask);
    ApiReply spoil_create_reply(ApiReply reply);
    ApiReply show(ContractNumber id);
    ApiReply list(const ApiRequest& request);
    ApiReply list_old();
    ApiReply manage(ContractNumber id, const ApiRequest& request);
    ApiReply change_state(ContractNumber id, const std::string& state);
    ApiReply change_bid(ContractNumber id, const ApiRequest& request);
    ApiReply destroy(ContractNumber id);
    ApiReply current_user();
    ApiReply charges(const ApiRequest& request);
    const Reported& told_about(const Contract& contract);

    Market& market_;
    CallLog& calls_;
    std::string account_key_;
    RateLimiter limiter_;
    RandomStream score_noise_;
    CallRecord record_;  // of the call that is being handled
};

// Shared bodies.
ApiReply json_reply(int status, const Json& body);
ApiReply failure(int status, std::string_view error, std::string_view msg);
ApiReply gateway_error();

// The body of a create, in the forms that clients send; vast-api 2.2.
Result<CreateRequest> parse_create(ContractNumber ask, const Json& body);

}  // namespace herder::vastsim
