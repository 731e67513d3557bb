// PUT /api/v0/asks/{id}/, POST /asks/bulk/ and PUT /launch_instance/ (vast-api 2.2): parsing the
// body, and every way the reply can go wrong.
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "vastsim/api.h"
#include "vastsim/search.h"
#include "vastsim/template_form.h"

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

Status read_env(CreateRequest& request, const Json& body, bool parse_text) {
    const Json* env = body.find("env");
    // A string is silently ignored (vast-api Q11), or read as docker flags by a switch.
    const std::string* flags = env ? env->if_string() : nullptr;
    if (flags != nullptr && parse_text) request.env = parse_env_flags(*flags);
    const Json::Object* object = env ? env->if_object() : nullptr;
    if (object == nullptr) return ok();
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

void read_volume(CreateRequest& request, const Json& body) {
    const Json* info = body.find("volume_info");
    if (info == nullptr || info->if_object() == nullptr) return;
    const auto integer = [&](const char* key) {
        const Json* value = info->find(key);
        return value ? value->to_integer().value_or(0) : 0;
    };
    request.volume = VolumeRequest{.create_new = flag_of(*info, "create_new", false),
                                   .id = integer("volume_id"),
                                   .size_gb = integer("size"),
                                   .mount_path = text_of(*info, "mount_path"),
                                   .name = text_of(*info, "name")};
}

Json refusal_body(const Refused& refused, ContractNumber ask) {
    Json body;
    body.set("success", false).set("error", refused.error).set("msg", refused.msg);
    if (refused.new_contract) body.set("new_contract", *refused.new_contract);
    body.set("ask_id", ask);
    return body;
}

}  // namespace

Result<CreateRequest> parse_create(ContractNumber ask, const Json& body, const Scenario& scenario) {
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
    read_volume(request, body);
    request.vm = flag_of(body, "vm", false);
    const Status env = read_env(request, body, scenario.env_string_parsed);
    if (!env) return env.error();
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

namespace {

// Failures that happen instead of the create.
std::optional<ApiReply> fail_early(FaultTable& faults, ContractNumber ask) {
    const std::string id = std::to_string(ask);
    const std::string not_available =
        "error 404/3603: no_such_ask Instance type by id " + id + " is not available.";
    const auto with_ask = [&](int http, const char* error, const std::string& msg) {
        return json_reply(http, refusal_body({http, error, msg, {}}, ask));
    };
    if (faults.strikes("create_500")) {
        return text_reply(500, "text/plain", "server_error Something went wrong on the server");
    }
    if (faults.strikes("create_502")) return gateway_error();
    if (faults.strikes("create_gone_400")) return with_ask(400, "invalid_args", not_available);
    if (faults.strikes("create_gone_404")) return with_ask(404, "invalid_args", not_available);
    if (faults.strikes("create_gone_409")) return with_ask(409, "invalid_args", not_available);
    if (faults.strikes("create_gone_410")) {
        return with_ask(
            410, "no_such_ask",
            "error 410/3907: no_such_ask Instance type " + id + " is no longer available.");
    }
    if (faults.strikes("create_no_credit")) {
        return with_ask(400, "insufficient_credit", "Your account lacks credit.");
    }
    if (faults.strikes("create_spend_cap")) {
        return with_ask(400, "spend_rate_limit",
                        "error 400/3476: spend_rate_limit Your account may not spend that much.");
    }
    return std::nullopt;
}

// Failures of the reply although the create was executed.
ApiReply spoil_reply(FaultTable& faults, ApiReply reply) {
    if (faults.strikes("create_reply_lost")) {
        reply.delivery = Delivery::kDropped;
    } else if (faults.strikes("create_502_executed")) {
        reply = gateway_error();
    } else if (faults.strikes("create_truncated")) {
        reply.delivery = Delivery::kTruncated;
    } else if (faults.strikes("create_empty_body")) {
        reply.body.clear();
    }
    if (faults.strikes("create_slow")) reply.delay = seconds(faults.amount_of("create_slow", 20));
    return reply;
}

ApiReply rent(Call& call, ContractNumber ask, const Json& wanted) {
    const Result<Json> body = merge_template(call.account, wanted);
    if (!body) return failure(400, "invalid_args", body.error().message);
    Result<CreateRequest> parsed = parse_create(ask, *body, call.market.scenario());
    if (!parsed) return failure(400, "invalid_args", parsed.error().message);
    note_template(call.account, wanted, *parsed);
    call.record.label = parsed->label;
    if (auto failed = fail_early(call.market.faults(), ask)) return *failed;
    if (parsed->vm && call.account.ssh_keys.empty()) {
        return failure(400, "no_ssh_key_for_vm", "A VM needs an ssh key in the account.");
    }
    const CreateFaults faults{
        .stopped_contract = call.market.faults().strikes("create_stopped_contract"),
        .phantom = call.market.faults().strikes("create_phantom")};
    const CreateOutcome outcome = call.market.create(*parsed, faults);
    if (const Refused* refused = std::get_if<Refused>(&outcome)) {
        call.record.new_contract = refused->new_contract.value_or(0);
        return json_reply(refused->http, refusal_body(*refused, ask));
    }
    const Created& created = std::get<Created>(outcome);
    call.record.new_contract = created.id;
    // Account keys are installed when the container is made (vast-api 2.13).
    for (const SshKey& key : call.account.ssh_keys)
        call.market.edit(created.id)->ssh_keys.insert(key.id);
    Json reply;
    reply.set("success", true).set("new_contract", created.id);
    reply.set("instance_api_key", created.api_key);
    return spoil_reply(call.market.faults(), json_reply(200, reply));
}

ApiReply create(Call& call) {
    return rent(call, call.id(), call.body);
}

// One reply for many asks; each is rented or not by itself.
ApiReply create_bulk(Call& call) {
    const Json* ids = call.find("ids");
    const Json::Array* list = ids ? ids->if_array() : nullptr;
    if (list == nullptr || list->empty() || list->size() > 64) {
        return failure(400, "invalid_args", "error 400/3467: Invalid args: 'ids' is required");
    }
    Json results = Json::array();
    bool all = true;
    for (const Json& id : *list) {
        const ApiReply one = rent(call, id.to_integer().value_or(0), call.body);
        all = all && one.status == 200;
        Json row = parse_json(one.body).value_or(Json::object());
        row.set("ask_id", id);
        results.push(std::move(row));
    }
    Json body;
    body.set("success", all).set("results", std::move(results));
    return json_reply(200, body);
}

// Search and rent the first match in one call.
ApiReply launch(Call& call) {
    const Json* q = call.find("q");
    const Result<SearchQuery> query = parse_search(q ? *q : Json::object());
    if (!query) return failure(400, "invalid_request", query.error().message);
    const auto found = find_offers(call.state, *query);
    if (!found) return failure(400, "invalid_request", found.error().message);
    if (found->empty()) {
        return failure(404, "no_such_ask", "error 404/3603: no_such_ask No offer matches.");
    }
    return rent(call, found->front().ask.id, call.body);
}

constexpr std::array kRoutes = {
    Route{"PUT", "/api/v0/asks/{id}/", "instance_write", create},
    Route{"POST", "/api/v0/asks/bulk/", "instance_write", create_bulk},
    Route{"PUT", "/api/v0/launch_instance/", "misc", launch},
};

}  // namespace

std::span<const Route> create_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
