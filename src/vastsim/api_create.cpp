// PUT /api/v0/asks/{id}/ (vast-api 2.2): parsing the body, and every way the reply can go wrong.
#include <cmath>
#include <sstream>

#include "vastsim/api.h"

namespace herder::vastsim {

namespace {

std::string text_of(const Json& body, std::string_view key) {
    const Json* value = body.find(key);
    return value && value->if_string() ? *value->if_string() : "";
}

bool flag_of(const Json& body, std::string_view key, bool otherwise) {
    const Json* value = body.find(key);
    return value && value->if_bool() ? *value->if_bool() : otherwise;
}

Status read_env(CreateRequest& request, const Json& body) {
    const Json* env = body.find("env");
    const Json::Object* object = env ? env->if_object() : nullptr;
    if (object == nullptr) return ok();  // a string is silently ignored (vast-api Q11)
    std::size_t total = 0;
    for (const auto& [key, value] : *object) {
        const std::string text = value.if_string() ? *value.if_string() : value.to_text();
        total += key.size() + text.size();
        if (key.size() > 256 || total > 32'768) {
            return invalid("error 400/3470: Invalid args: env is too long");
        }
        request.env.emplace_back(key, text);
    }
    return ok();
}

void read_args(CreateRequest& request, const Json& body) {
    const Json* args = body.find("args");
    if (const Json::Array* list = args ? args->if_array() : nullptr) {
        for (const Json& arg : *list)
            request.args.push_back(arg.if_string() ? *arg.if_string() : arg.to_text());
    }
    if (request.args.empty()) {
        std::istringstream words(text_of(body, "args_str"));
        for (std::string word; words >> word;)
            request.args.push_back(word);
    }
}

Json refusal_body(const Refused& refused, ContractNumber ask) {
    Json body;
    body.set("success", false).set("error", refused.error).set("msg", refused.msg);
    if (refused.new_contract) body.set("new_contract", *refused.new_contract);
    body.set("ask_id", ask);
    return body;
}

}  // namespace

Result<CreateRequest> parse_create(ContractNumber ask, const Json& body) {
    if (body.if_object() == nullptr) return invalid("Invalid json body");
    CreateRequest request;
    request.ask_id = ask;
    request.image = text_of(body, "image");
    request.onstart = text_of(body, "onstart");
    request.label = text_of(body, "label");
    if (const std::string runtype = text_of(body, "runtype"); !runtype.empty()) {
        request.runtype = runtype;
    }
    read_args(request, body);
    if (const Status env = read_env(request, body); !env) return env.error();
    if (const Json* disk = body.find("disk"); disk && !disk->is_null()) {
        const Result<double> gb = disk->to_number();
        if (!gb || *gb > 1e6) return invalid("error 400/3473: Invalid args: disk");
        request.disk_gb = static_cast<std::int64_t>(std::ceil(*gb));
    }
    if (const Json* price = body.find("price"); price && !price->is_null()) {
        const Result<std::int64_t> micros = price->to_micros();
        if (!micros) return invalid("error 400/3474: Invalid args: price");
        request.price = UsdPerHour{*micros};
    }
    request.target_running = text_of(body, "target_state") != "stopped";
    // Default: false for bids, true for on demand that is to run (vast-api 2.2).
    request.cancel_unavail =
        flag_of(body, "cancel_unavail", !request.price && request.target_running);
    return request;
}

// Failures that happen instead of the create.
std::optional<ApiReply> Api::fail_create_early(ContractNumber ask) {
    FaultTable& faults = market_.faults();
    const std::string id = std::to_string(ask);
    const std::string not_available =
        "error 404/3603: no_such_ask Instance type by id " + id + " is not available.";
    const auto with_ask = [&](int http, const char* error, const std::string& msg) {
        return json_reply(http, refusal_body({http, error, msg, {}}, ask));
    };
    if (faults.strikes("create_500")) {
        ApiReply reply;
        reply.status = 500;
        reply.body = "server_error Something went wrong on the server";
        reply.content_type = "text/plain";
        return reply;
    }
    if (faults.strikes("create_gone_400")) return with_ask(400, "invalid_args", not_available);
    if (faults.strikes("create_gone_404")) return with_ask(404, "invalid_args", not_available);
    if (faults.strikes("create_gone_410")) {
        return with_ask(
            410, "no_such_ask",
            "error 410/3907: no_such_ask Instance type " + id + " is no longer available.");
    }
    if (faults.strikes("create_no_credit")) {
        return with_ask(400, "insufficient_credit", "Your account lacks credit.");
    }
    return std::nullopt;
}

// Failures of the reply although the create was executed.
ApiReply Api::spoil_create_reply(ApiReply reply) {
    FaultTable& faults = market_.faults();
    if (faults.strikes("create_reply_lost")) {
        reply.delivery = Delivery::kDropped;
    } else if (faults.strikes("create_502_executed")) {
        reply = gateway_error();
    } else if (faults.strikes("create_truncated")) {
        reply.delivery = Delivery::kTruncated;
    } else if (faults.strikes("create_empty_body")) {
        reply.body.clear();
    }
    return reply;
}

ApiReply Api::create(ContractNumber ask, const ApiRequest& request) {
    const Result<Json> body = parse_json(request.body);
    if (!body) return failure(400, "invalid_request", "Invalid json body");
    const Result<CreateRequest> parsed = parse_create(ask, *body);
    if (!parsed) return failure(400, "invalid_args", parsed.error().message);
    record_.label = parsed->label;
    if (auto failed = fail_create_early(ask)) return *failed;
    const CreateFaults faults{
        .stopped_contract = market_.faults().strikes("create_stopped_contract"),
        .phantom = market_.faults().strikes("create_phantom")};
    const CreateOutcome outcome = market_.create(*parsed, faults);
    if (const Refused* refused = std::get_if<Refused>(&outcome)) {
        record_.new_contract = refused->new_contract.value_or(0);
        return json_reply(refused->http, refusal_body(*refused, ask));
    }
    const Created& created = std::get<Created>(outcome);
    record_.new_contract = created.id;
    Json reply;
    reply.set("success", true).set("new_contract", created.id);
    reply.set("instance_api_key", created.api_key);
    return spoil_create_reply(json_reply(200, reply));
}

}  // namespace herder::vastsim
