// Show, list, manage, bid and destroy (vast-api 2.3-2.7).
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "vastsim/api.h"
#include "vastsim/instance_view.h"
#include "vastsim/query.h"

namespace herder::vastsim {

namespace {

constexpr std::int64_t kPageLimit = 25;  // default and maximum (vast-api 2.4)
// Columns stored on the contract; computed ones cannot be filtered (vast-api 2.4).
constexpr std::array<std::string_view, 8> kStoredColumns = {
    "actual_status", "gpu_name",   "verification", "id",
    "label",         "machine_id", "host_id",      "cur_state"};

ApiReply no_such_instance(ContractNumber id) {
    return failure(404, "no_such_instance", "Instance " + std::to_string(id) + " not found.");
}

// Opaque to clients: the base64 of {"values":{"id":N}}.
std::string make_token(ContractNumber last) {
    return to_base64url("{\"values\":{\"id\":" + std::to_string(last) + "}}");
}

Result<ContractNumber> read_token(const std::string& token) {
    const Result<std::string> text = from_base64url(token);
    if (!text) return text.error();
    const Result<Json> json = parse_json(*text);
    if (!json) return json.error();
    const Json* values = json->find("values");
    const Json* id = values ? values->find("id") : nullptr;
    if (id == nullptr) return invalid("no id");
    return id->to_integer();
}

Result<std::vector<Filter>> read_filters(const ApiRequest& request) {
    const auto found = request.query.find("select_filters");
    if (found == request.query.end()) return std::vector<Filter>{};
    const Result<Json> json = parse_json(found->second);
    if (!json) return json.error();
    Result<std::vector<Filter>> filters = parse_filters(*json);
    if (!filters) return filters;
    for (const Filter& filter : *filters) {
        const bool stored = std::find(kStoredColumns.begin(), kStoredColumns.end(), filter.field) !=
                            kStoredColumns.end();
        if (!stored) {
            return invalid("Error in query parameters: " + filter.field +
                           " is not a valid search key");
        }
    }
    return filters;
}

// Null and "" both mean unlabelled (vast-api Q13).
Json column(const Json& row, const std::string& field) {
    const Json* value = row.find(field);
    if (value == nullptr) return {};
    return field == "label" && value->is_null() ? Json("") : *value;
}

std::int64_t page_size(const ApiRequest& request) {
    const auto found = request.query.find("limit");
    if (found == request.query.end()) return kPageLimit;
    const std::int64_t limit = Json(found->second).to_integer().value_or(kPageLimit);
    return limit <= 0 ? 5 : std::min(limit, kPageLimit);
}

Result<Json> read_body(const ApiRequest& request) {
    return parse_json(request.body.empty() ? "{}" : request.body);
}

Json label_counts(const std::vector<Json>& rows) {
    std::map<std::string, std::int64_t> counts;
    for (const Json& row : rows)
        ++counts[*column(row, "label").if_string()];
    Json out = Json::object();
    for (const auto& [label, count] : counts)
        out.set(label, count);
    return out;
}

}  // namespace

const Reported& Api::told_about(const Contract& contract) {
    const bool stale = market_.faults().strikes("list_stale");
    return stale && contract.previous.at.us > 0 ? contract.previous : contract.reported;
}

ApiReply Api::show(ContractNumber id) {
    const Contract* contract = market_.find_listed(id);
    if (contract != nullptr && market_.faults().strikes("show_404")) return no_such_instance(id);
    Json body;
    body.set("instances", contract ? instance_row(market_, *contract, told_about(*contract),
                                                  InstanceEndpoint::kShow)
                                   : Json());
    return json_reply(200, body);
}

ApiReply Api::list(const ApiRequest& request) {
    const Result<std::vector<Filter>> filters = read_filters(request);
    if (!filters) return failure(400, "invalid_request", filters.error().message);
    ContractNumber after = 0;
    if (const auto token = request.query.find("after_token");
        token != request.query.end() && !token->second.empty() && token->second != "null") {
        const Result<ContractNumber> last = read_token(token->second);
        if (!last) return failure(400, "invalid_token", "Invalid pagination token");
        after = *last;
    }
    if (market_.faults().strikes("list_failed_page")) return gateway_error();

    std::vector<Json> matching;
    for (const Contract* contract : market_.listed_now()) {
        Json row = instance_row(market_, *contract, told_about(*contract), InstanceEndpoint::kList);
        const bool kept = std::all_of(filters->begin(), filters->end(), [&](const Filter& f) {
            return matches(f, column(row, f.field));
        });
        if (kept) matching.push_back(std::move(row));
    }
    Json page = Json::array();
    ContractNumber last = 0;
    std::int64_t rows = 0;
    bool more = false;
    for (const Json& row : matching) {
        const ContractNumber id = row.find("id")->to_integer().value_or(0);
        if (id <= after) continue;
        if (rows == page_size(request)) {
            more = true;
            break;
        }
        last = id;
        ++rows;
        if (!market_.faults().strikes("list_missing_row")) page.push(row);
    }
    Json body;
    body.set("success", true).set("instances_found", page.if_array()->size());
    body.set("total_instances", matching.size()).set("label_counts", label_counts(matching));
    body.set("next_token", more ? Json(make_token(last)) : Json());
    body.set("instances", std::move(page));
    return json_reply(200, body);
}

ApiReply Api::list_old() {
    if (market_.faults().strikes("list_failed_page")) return gateway_error();
    Json rows = Json::array();
    for (const Contract* contract : market_.listed_now()) {
        rows.push(instance_row(market_, *contract, told_about(*contract), InstanceEndpoint::kList));
    }
    Json body;
    body.set("instances_found", rows.if_array()->size()).set("instances", std::move(rows));
    return json_reply(200, body);
}

ApiReply Api::manage(ContractNumber id, const ApiRequest& request) {
    const Result<Json> body = read_body(request);
    if (!body || body->if_object() == nullptr) {
        return failure(400, "invalid_request", "Invalid json body");
    }
    if (market_.find_listed(id) == nullptr) return no_such_instance(id);
    if (const Json* state = body->find("state"); state && state->if_string()) {
        return change_state(id, *state->if_string());
    }
    const Json* label = body->find("label");
    if (label == nullptr) return failure(400, "invalid_args", "nothing to change");
    const std::string text = label->if_string() ? *label->if_string() : "";
    if (text.size() > 1024) {
        return failure(400, "label_too_long",
                       "Please limit label length to 1024 characters, ideally less than 128.");
    }
    market_.set_label(id, text);
    Json reply;
    reply.set("success", true);
    reply.set("msg", "label for " + std::to_string(id) + " set to '" + text + "'");
    return json_reply(200, reply);
}

ApiReply Api::change_state(ContractNumber id, const std::string& state) {
    Json done;
    done.set("success", true);
    if (state == "stopped") {
        market_.stop(id);
        return json_reply(200, done);
    }
    if (state != "running") return failure(400, "invalid_args", "unknown state");
    switch (market_.start(id)) {
        case StartOutcome::kStarted:
            return json_reply(200, done);
        case StartOutcome::kQueued:
            return failure(200, "resources_unavailable",
                           "Required resources are currently unavailable, state change queued.");
        case StartOutcome::kNoCredit:
            return failure(400, "missing_billing", "Your account lacks credit.");
        case StartOutcome::kExpired:
            return failure(400, "contract_expired", "The rental has ended.");
    }
    return failure(500, "server_error", "");
}

ApiReply Api::change_bid(ContractNumber id, const ApiRequest& request) {
    const Result<Json> body = read_body(request);
    if (!body) return failure(400, "invalid_request", "Invalid json body");
    const Contract* contract = market_.find_listed(id);
    if (contract == nullptr || contract->destroyed) {
        return failure(404, "no_such_instance", "Instance with that ID does not exist.");
    }
    std::optional<UsdPerHour> bid;
    if (const Json* price = body->find("price"); price && !price->is_null()) {
        const Result<std::int64_t> micros = price->to_micros();
        const std::int64_t most = 32'000'000 * static_cast<std::int64_t>(contract->gpu_count);
        if (!micros || *micros < 1'000 || *micros > most) {
            return failure(400, "invalid_args", "Please set a bid price >= 0.001.");
        }
        bid = UsdPerHour{*micros};
    }
    market_.change_bid(id, bid);
    Json done;
    done.set("success", true);
    return json_reply(200, done);
}

ApiReply Api::destroy(ContractNumber id) {
    const Contract* contract = market_.find_listed(id);
    // Not yet listed is not absent: the platform knows the contract before its lists do.
    const auto known = market_.contracts().find(id);
    const bool hidden = contract == nullptr && known != market_.contracts().end() &&
                        !known->second.destroyed && !known->second.phantom;
    if (contract == nullptr && !hidden) return no_such_instance(id);
    market_.destroy(id);
    if (market_.faults().strikes("destroy_502_executed")) return gateway_error();
    Json done;
    done.set("success", true).set("msg", "Instance destroyed successfully");
    return json_reply(200, done);
}

}  // namespace herder::vastsim
