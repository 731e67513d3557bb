// Templates (vast-api 2.16).
#include <algorithm>
#include <array>

#include "vastsim/query.h"
#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

Json template_row(const Template& one) {
    Json row = one.fields;
    row.set("id", one.id).set("hash_id", one.hash).set("creator_id", kUserId);
    row.set("created_at", one.created).set("recent_create_date", one.created);
    row.set("count_created", 1).set("private", true);
    for (const char* field : {"tag", "env", "onstart", "repo", "desc", "runtype"}) {
        if (row.find(field) == nullptr) row.set(field, "");
    }
    return row;
}

bool passes(const std::vector<Filter>& filters, const Json& row) {
    return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
        const Json* value = row.find(filter.field);
        return matches(filter, value ? *value : Json());
    });
}

ApiReply list_templates(Call& call) {
    const std::string wanted = call.query("select_filters");
    const Result<Json> json = parse_json(wanted.empty() ? "{}" : wanted);
    const auto filters = json ? parse_filters(*json) : Result<std::vector<Filter>>(json.error());
    if (!filters) return failure(400, "invalid_request", filters.error().message);
    Json rows = Json::array();
    for (const Template& one : call.account.templates) {
        Json row = template_row(one);
        if (passes(*filters, row)) rows.push(std::move(row));
    }
    Json body;
    body.set("success", true).set("templates_found", rows.if_array()->size());
    body.set("templates", std::move(rows));
    return json_reply(200, body);
}

ApiReply reply_with(const Template& one) {
    Json body;
    body.set("success", true).set("template", template_row(one));
    body.set("msg", "Template saved: " + one.hash);
    return json_reply(200, body);
}

// An empty image is refused; the environment is a text of docker flags here.
ApiReply create_template(Call& call) {
    if (call.text("name").empty() || call.text("image").empty()) {
        return failure(400, "invalid_args", "name and image are required");
    }
    const Json* env = call.find("env");
    if (env != nullptr && env->if_object() != nullptr) {
        return failure(400, "invalid_args", "env must be a string of docker flags");
    }
    call.account.templates.push_back({.id = call.account.next_id(),
                                      .hash = call.account.random_hex(32),
                                      .fields = call.body,
                                      .created = call.market.now()});
    return reply_with(call.account.templates.back());
}

// Editing changes the hash and keeps the number.
ApiReply edit_template(Call& call) {
    for (Template& one : call.account.templates) {
        if (one.hash != call.text("hash_id")) continue;
        for (const auto& [key, value] : *call.body.if_object()) {
            if (key != "hash_id") one.fields.set(key, value);
        }
        one.hash = call.account.random_hex(32);
        return reply_with(one);
    }
    return failure(404, "not_found", "No such template");
}

// Only by number; deleting by hash is refused on current servers.
ApiReply delete_template(Call& call) {
    const Json* id = call.find("template_id");
    const auto number = id ? id->to_integer() : Result<std::int64_t>(invalid(""));
    if (!number) return failure(400, "invalid_args", "template_id is required");
    const auto removed = std::erase_if(call.account.templates,
                                       [&](const Template& one) { return one.id == *number; });
    if (removed == 0) return failure(404, "not_found", "No such template");
    return done();
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/template/", "user_read", list_templates},
    Route{"GET", "/api/v1/template/", "user_read", list_templates},
    Route{"POST", "/api/v0/template/", "user_write", create_template},
    Route{"PUT", "/api/v0/template/", "user_write", edit_template},
    Route{"PUT", "/api/v1/template/", "user_write", edit_template},
    Route{"DELETE", "/api/v0/template/", "user_write", delete_template},
};

}  // namespace

std::span<const Route> template_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
