// Show and list (vast-api 2.3, 2.4).
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "vastsim/instance_view.h"
#include "vastsim/query.h"
#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::int64_t kPageLimit = 25;  // default and maximum (vast-api 2.4)
// Columns stored on the contract; computed ones cannot be filtered (vast-api 2.4).
constexpr std::array<std::string_view, 8> kStoredColumns = {
    "actual_status", "gpu_name",   "verification", "id",
    "label",         "machine_id", "host_id",      "cur_state"};

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

Result<std::vector<Filter>> read_filters(const Call& call) {
    const std::string text = call.query("select_filters");
    if (text.empty()) return std::vector<Filter>{};
    const Result<Json> json = parse_json(text);
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

std::int64_t page_size(const Call& call) {
    const std::string text = call.query("limit");
    if (text.empty()) return kPageLimit;
    const std::int64_t limit = Json(text).to_integer().value_or(kPageLimit);
    return limit <= 0 ? 5 : std::min(limit, kPageLimit);
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

const Reported& told_about(Call& call, const Contract& contract) {
    const bool stale = call.market.faults().strikes("list_stale", contract.machine_id);
    return stale && contract.previous.at.us > 0 ? contract.previous : contract.reported;
}

Json row_of(Call& call, const Contract& contract, InstanceEndpoint endpoint) {
    Json row = instance_row(call.market, contract, told_about(call, contract), endpoint);
    if (call.market.faults().strikes("list_label_null")) row.set("label", nullptr);
    return row;
}

ApiReply show(Call& call) {
    const Contract* contract = call.market.find_listed(call.id());
    if (contract != nullptr && call.market.faults().strikes("show_404")) {
        return no_such_instance(call.id());
    }
    Json body;
    body.set("instances", contract ? row_of(call, *contract, InstanceEndpoint::kShow) : Json());
    return json_reply(200, body);
}

struct Column {
    std::string name;
    bool descending = false;
};

// [{"col":"id","dir":"asc"}]; id is always appended as the tie-break.
Result<std::vector<Column>> read_order(const Call& call) {
    const std::string text = call.query("order_by");
    std::vector<Column> order;
    if (text.empty()) return order;
    const Result<Json> json = parse_json(text);
    const Json::Array* list = json ? json->if_array() : nullptr;
    if (list == nullptr) return invalid("Error in query parameters: order_by");
    for (const Json& one : *list) {
        const Json* name = one.find("col");
        if (name == nullptr || !name->if_string()) {
            return invalid("Error in query parameters: order_by");
        }
        const Json* dir = one.find("dir");
        order.push_back({*name->if_string(), dir != nullptr && *dir == Json("desc")});
    }
    return order;
}

// The stored columns and those that the contract has besides.
bool is_sortable(const std::string& name) {
    constexpr std::array<std::string_view, 3> kMore = {"start_date", "end_date", "is_bid"};
    return std::find(kStoredColumns.begin(), kStoredColumns.end(), name) != kStoredColumns.end() ||
           std::find(kMore.begin(), kMore.end(), name) != kMore.end();
}

void sort_rows(std::vector<Json>& rows, const std::vector<Column>& order) {
    std::sort(rows.begin(), rows.end(), [&](const Json& a, const Json& b) {
        for (const Column& by : order) {
            const Json left = column(a, by.name);
            const Json right = column(b, by.name);
            if (less(left, right)) return !by.descending;
            if (less(right, left)) return by.descending;
        }
        return less(column(a, "id"), column(b, "id"));
    });
}

Json selected(const Json& row, const std::string& wanted) {
    const Result<Json> columns = parse_json(wanted.empty() ? "[\"*\"]" : wanted);
    const Json::Array* list = columns ? columns->if_array() : nullptr;
    if (list == nullptr || list->empty() || list->front() == Json("*")) return row;
    Json out;
    for (const Json& name : *list) {
        if (!name.if_string()) continue;
        const Json* value = row.find(*name.if_string());
        out.set(*name.if_string(), value ? *value : Json());  // unknown columns are null
    }
    return out;
}

struct Page {
    Json rows = Json::array();
    ContractNumber last = 0;
    bool more = false;
};

// By id the token is a floor, so that a page survives the end of the machine it points at; in
// another order the walk goes on behind that machine.
Page cut_page(Call& call, const std::vector<Json>& matching, ContractNumber after) {
    const std::string order = call.query("order_by");
    const bool by_id = order.empty() || (order.find("\"id\"") != std::string::npos &&
                                         order.find("desc") == std::string::npos);
    Page page;
    std::int64_t shown = 0;
    bool begun = after == 0;
    for (const Json& row : matching) {
        const ContractNumber id = row.find("id")->to_integer().value_or(0);
        if (!begun) {
            begun = by_id ? id > after : id == after;
            if (!begun || !by_id) continue;
        }
        if (shown == page_size(call)) {
            page.more = true;
            break;
        }
        page.last = id;
        ++shown;
        if (call.market.faults().strikes("list_missing_row")) continue;
        page.rows.push(selected(row, call.query("select_cols")));
    }
    return page;
}

Result<std::vector<Json>> matching_rows(Call& call) {
    const Result<std::vector<Filter>> filters = read_filters(call);
    if (!filters) return filters.error();
    const Result<std::vector<Column>> order = read_order(call);
    if (!order) return order.error();
    for (const Column& by : *order) {
        if (!is_sortable(by.name)) {
            return invalid("Error in query parameters: " + by.name + " is not a valid column");
        }
    }
    std::vector<Json> rows;
    for (const Contract* contract : call.market.listed_now()) {
        Json row = row_of(call, *contract, InstanceEndpoint::kList);
        const bool kept = std::all_of(filters->begin(), filters->end(), [&](const Filter& f) {
            return matches(f, column(row, f.field));
        });
        if (kept) rows.push_back(std::move(row));
    }
    sort_rows(rows, *order);
    return rows;
}

ApiReply list(Call& call) {
    ContractNumber after = 0;
    if (const std::string token = call.query("after_token"); !token.empty() && token != "null") {
        const Result<ContractNumber> last = read_token(token);
        if (!last || call.market.faults().strikes("list_token_expired")) {
            return failure(400, "invalid_token", "Invalid pagination token");
        }
        after = *last;
    }
    if (call.market.faults().strikes("list_failed_page")) return gateway_error();
    const Result<std::vector<Json>> matching = matching_rows(call);
    if (!matching) return failure(400, "invalid_request", matching.error().message);
    Page page = cut_page(call, *matching, after);
    Json body;
    body.set("success", true).set("instances_found", page.rows.if_array()->size());
    body.set("total_instances", matching->size()).set("label_counts", label_counts(*matching));
    body.set("next_token", page.more ? Json(make_token(page.last)) : Json());
    const bool nothing = call.market.faults().strikes("list_null");
    body.set("instances", nothing ? Json() : std::move(page.rows));
    return json_reply(200, body);
}

ApiReply list_old(Call& call) {
    if (call.market.faults().strikes("list_failed_page")) return gateway_error();
    Json rows = Json::array();
    for (const Contract* contract : call.market.listed_now())
        rows.push(row_of(call, *contract, InstanceEndpoint::kList));
    Json body;
    body.set("instances_found", rows.if_array()->size()).set("instances", std::move(rows));
    return json_reply(200, body);
}

// Reduced columns; undocumented.
ApiReply list_lite(Call& call) {
    Json rows = Json::array();
    for (const Contract* contract : call.market.listed_now()) {
        const Json row = row_of(call, *contract, InstanceEndpoint::kList);
        rows.push(selected(row, R"(["id","label","actual_status","intended_status","cur_state",
            "machine_id","gpu_name","num_gpus","dph_total","start_date"])"));
    }
    Json body;
    body.set("success", true).set("instances_found", rows.if_array()->size());
    body.set("instances", std::move(rows));
    return json_reply(200, body);
}

ApiReply count(Call& call) {
    Json body;
    body.set("success", true).set("count", call.market.listed_now().size());
    return json_reply(200, body);
}

// Which values a console may filter by.
ApiReply filters(Call& call) {
    Json rows = Json::array();
    for (const Contract* contract : call.market.listed_now()) {
        const Json row = row_of(call, *contract, InstanceEndpoint::kList);
        rows.push(selected(row, R"(["actual_status","verification","gpu_name"])"));
    }
    Json body;
    body.set("filters", std::move(rows));
    return json_reply(200, body);
}

// By label or by numbers; also what the list does not show yet.
ApiReply fetch_contracts(Call& call) {
    const Json* ids = call.find("contract_ids");
    const Json::Array* wanted = ids ? ids->if_array() : nullptr;
    const std::string label = call.text("label");
    Json rows = Json::array();
    for (const Contract* contract : call.market.listed_now()) {
        const bool named = wanted == nullptr || std::find(wanted->begin(), wanted->end(),
                                                          Json(contract->id)) != wanted->end();
        if (!named || (!label.empty() && contract->label != label)) continue;
        rows.push(row_of(call, *contract, InstanceEndpoint::kList));
    }
    Json body;
    body.set("contracts", std::move(rows));
    return json_reply(200, body);
}

constexpr std::array kInstanceRoutes = {
    Route{"GET", "/api/v0/instances/{id}/", "instance_read", show, "api.instance.show"},
    Route{"GET", "/api/v1/instances/", "instance_read", list},
    Route{"GET", "/api/v0/instances/", "instance_read", list_old},
    Route{"GET", "/api/v1/instances/lite/", "instance_read", list_lite},
    Route{"GET", "/api/v1/counts/", "instance_read", count},
    Route{"GET", "/api/v0/instances/count/", "instance_read", count},
    Route{"GET", "/api/v0/instances/filters/", "instance_read", filters},
    Route{"POST", "/api/v0/contracts/fetch/", "instance_read", fetch_contracts},
};

}  // namespace

std::span<const Route> instance_routes() {
    return kInstanceRoutes;
}

}  // namespace herder::vastsim
