// API keys with scopes (vast-api 1.3, 1.4).
#include <algorithm>
#include <array>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kNameMost = 255;
constexpr std::array<std::string_view, 13> kGroups = {
    "instance_read", "instance_write", "user_read",   "user_write", "billing_read",
    "billing_write", "machine_read",   "misc",        "team_read",  "team_write",
    "machine_write", "agents_read",    "agents_write"};

Json key_row(const ApiKey& key) {
    Json row;
    row.set("id", key.id).set("user_id", kUserId).set("name", key.name);
    row.set("rights", key.permissions).set("permissions", key.permissions);
    row.set("team_id", nullptr).set("team_name", nullptr);
    row.set("created_at", key.created);
    return row;
}

bool are_known(const Json& permissions) {
    const Json* api = permissions.find("api");
    const Json::Object* groups = api ? api->if_object() : nullptr;
    if (groups == nullptr) return false;
    return std::all_of(groups->begin(), groups->end(), [](const auto& group) {
        return std::find(kGroups.begin(), kGroups.end(), group.first) != kGroups.end();
    });
}

ApiReply create_key(Call& call) {
    const std::string name = call.text("name");
    if (name.empty() || name.size() > kNameMost) {
        return failure(400, "invalid_args", "name is required, at most 255 characters");
    }
    const Json* permissions = call.find("permissions");
    if (permissions == nullptr || permissions->is_null()) {
        return failure(400, "missing_permissions", "permissions are required");
    }
    if (!are_known(*permissions)) {
        return failure(400, "invalid_permissions", "Invalid permissions");
    }
    const ApiKey made = call.account.add_key(name, *permissions, call.market.now());
    Json body;
    body.set("success", true).set("id", made.id).set("key", made.key);  // shown only here
    body.set("permissions", made.permissions);
    return json_reply(200, body);
}

ApiReply list_keys(Call& call) {
    Json rows = Json::array();
    for (const ApiKey& key : call.account.keys())
        rows.push(key_row(key));
    Json body;
    body.set("apikeys", std::move(rows));
    return json_reply(200, body);
}

ApiReply show_key(Call& call) {
    for (const ApiKey& key : call.account.keys()) {
        if (key.id == call.id()) return json_reply(200, key_row(key));
    }
    Json body;
    body.set("msg", "API key not found");
    return json_reply(404, body);
}

ApiReply delete_key(Call& call) {
    if (!call.account.remove_key(call.id())) {
        Json body;
        body.set("msg", "API key not found");
        return json_reply(404, body);
    }
    return json_reply(200, Json("Successfully Deleted API Key"));  // a bare string
}

ApiReply reset_key(Call& call) {
    call.account.reset_main_key();
    return done();
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/auth/apikeys/", "user_read", list_keys},
    Route{"POST", "/api/v0/auth/apikeys/", "user_write", create_key},
    Route{"GET", "/api/v0/auth/apikeys/{id}/", "user_read", show_key},
    Route{"DELETE", "/api/v0/auth/apikeys/{id}/", "user_write", delete_key},
    Route{"PUT", "/api/v0/commands/reset_apikey/", "user_write", reset_key},
};

}  // namespace

std::span<const Route> key_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
