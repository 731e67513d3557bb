#pragma once
// One call of the renter's API: request, reply, and the table of routes that leads the one to the
// other. No sockets. Each api_*.cpp brings the routes of one family.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vastsim/account.h"
#include "vastsim/call_log.h"
#include "vastsim/market.h"
#include "vastsim/value_json.h"
#include "vastsim/webhook_queue.h"

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
    std::string retry_after;  // seconds; empty: no such header, as documented
    Delivery delivery = Delivery::kWhole;
    Duration delay;  // market time until it is sent
};

// A log or the output of a command, uploaded a while after it was asked for (vast-api 2.9).
struct UploadedText {
    std::string text;
    WallTime from;
};

// What the handlers act on.
struct ApiState {
    Market& market;
    CallLog& calls;
    Account account;
    RandomStream score_noise;
    std::string public_url;  // where the uploads are served; without a slash at the end
    std::function<std::string(ContractNumber)> read_log;
    // Runs ls, du or rm in the folder of a stopped container (vast-api 2.10).
    std::function<std::string(ContractNumber, const std::string&)> run_command;
    WebhookQueue webhooks;
    std::map<std::string, UploadedText> uploads;
    std::uint64_t next_upload = 1;
};

struct Call {
    const ApiRequest& request;
    ApiState& state;
    Market& market;
    Account& account;
    CallRecord& record;
    std::vector<std::int64_t> ids;  // numbers of the path in order; -1: not a number
    std::string word;               // the last {word} of the path
    Json body;

    std::int64_t id() const { return ids.empty() ? 0 : ids.front(); }
    const Json* find(std::string_view key) const { return body.find(key); }
    // Empty when absent or not a text.
    std::string text(std::string_view key) const;
    std::string query(const std::string& key) const;
};

using Handler = ApiReply (*)(Call&);

struct Route {
    std::string_view method;
    std::string_view pattern;  // with {id}, {word}; always ends in '/'
    std::string_view scope;    // the key's permission group; empty: open to everybody
    Handler handler;
    std::string_view endpoint = "";  // its name in narrowed permissions (vast-api 1.4)
    bool slash_optional = false;     // documented without a slash
};

// The families, each in the file api_NAME.cpp.
std::span<const Route> search_routes();
std::span<const Route> create_routes();
std::span<const Route> instance_routes();
std::span<const Route> manage_routes();
std::span<const Route> lifecycle_routes();
std::span<const Route> price_routes();
std::span<const Route> log_routes();
std::span<const Route> account_routes();
std::span<const Route> bill_routes();
std::span<const Route> ssh_routes();
std::span<const Route> secret_routes();
std::span<const Route> key_routes();
std::span<const Route> template_routes();
std::span<const Route> webhook_routes();
std::span<const Route> volume_routes();
std::span<const Route> machine_routes();

// "PUT /api/v0/asks/{id}/"
std::string name_of(const Route& route);

// Shared bodies.
ApiReply json_reply(int status, const Json& body);
ApiReply failure(int status, std::string_view error, std::string_view msg);
ApiReply text_reply(int status, std::string_view content_type, std::string_view body);
ApiReply done();  // {"success":true}
ApiReply gateway_error();
ApiReply no_such_instance(ContractNumber id);

}  // namespace herder::vastsim
