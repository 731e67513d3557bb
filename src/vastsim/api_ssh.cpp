// SSH keys of the account and of one instance (vast-api 2.13).
#include <algorithm>
#include <array>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

Json key_row(std::int64_t id, const std::string& text, WallTime created, const char* field) {
    Json row;
    row.set("id", id).set("user_id", kUserId).set(field, text);
    row.set("created_at", to_rfc3339(created)).set("deleted_at", nullptr);
    return row;
}

ApiReply list_keys(Call& call) {
    if (call.account.ssh_keys.empty()) {
        return failure(404, "not_found", "No SSH keys found for the user.");
    }
    Json rows = Json::array();
    for (const SshKey& key : call.account.ssh_keys)
        rows.push(key_row(key.id, key.text, key.created, "key"));
    return json_reply(200, rows);
}

// The content is not validated: a path is stored verbatim.
ApiReply add_key(Call& call) {
    const std::string text = call.text("ssh_key");
    if (text.empty()) return failure(400, "no_ssh_key", "No SSH key provided.");
    const SshKey key{.id = call.account.next_id(), .text = text, .created = call.market.now()};
    call.account.ssh_keys.push_back(key);
    // Whether a later key reaches machines that exist is open (vast-api 9).
    if (call.market.scenario().ssh_key_reaches_all) {
        for (const Contract* contract : call.market.listed_now())
            call.market.edit(contract->id)->ssh_keys.insert(key.id);
    }
    Json body;
    body.set("success", true).set("key", key_row(key.id, text, key.created, "public_key"));
    return json_reply(200, body);
}

SshKey* find_key(Account& account, std::int64_t id) {
    for (SshKey& key : account.ssh_keys) {
        if (key.id == id) return &key;
    }
    return nullptr;
}

ApiReply change_key(Call& call) {
    SshKey* key = find_key(call.account, call.id());
    if (key == nullptr) return failure(404, "no_such_ssh_key", "No such SSH key.");
    const std::string text = call.text("ssh_key");
    if (text.empty()) return failure(400, "no_ssh_key", "No SSH key provided.");
    key->text = text;
    Json body;
    body.set("success", true).set("key", key_row(key->id, text, key->created, "public_key"));
    return json_reply(200, body);
}

ApiReply remove_key(Call& call) {
    const auto removed = std::erase_if(call.account.ssh_keys,
                                       [&](const SshKey& key) { return key.id == call.id(); });
    if (removed == 0) return failure(404, "no_such_ssh_key", "No such SSH key.");
    return done();
}

Contract* live(Call& call) {
    const Contract* contract = call.market.find_listed(call.id());
    return contract && !contract->destroyed ? call.market.edit(call.id()) : nullptr;
}

ApiReply list_of_instance(Call& call) {
    const Contract* contract = live(call);
    if (contract == nullptr) return no_such_instance(call.id());
    Json rows = Json::array();
    for (const SshKey& key : call.account.ssh_keys) {
        if (contract->ssh_keys.contains(key.id)) {
            rows.push(key_row(key.id, key.text, key.created, "public_key"));
        }
    }
    for (const auto& [id, text] : contract->own_ssh_keys)
        rows.push(key_row(id, text, contract->created, "public_key"));
    Json body;
    body.set("success", true).set("ssh_keys", std::move(rows));
    return json_reply(200, body);
}

ApiReply attach(Call& call) {
    Contract* contract = live(call);
    if (contract == nullptr) return no_such_instance(call.id());
    const std::string text = call.text("ssh_key");
    if (text.empty()) return failure(400, "no_ssh_key", "No SSH key provided.");
    contract->own_ssh_keys[call.account.next_id()] = text;
    Json body;
    body.set("success", true).set("msg", "SSH key attached successfully");
    return json_reply(200, body);
}

ApiReply detach(Call& call) {
    Contract* contract = live(call);
    if (contract == nullptr) return no_such_instance(call.id());
    const std::int64_t key = call.ids.back();
    if (contract->own_ssh_keys.erase(key) + contract->ssh_keys.erase(key) == 0) {
        return failure(404, "no_such_ssh_key", "No such SSH key.");
    }
    return done();
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/ssh/", "user_read", list_keys},
    Route{"POST", "/api/v0/ssh/", "user_write", add_key},
    Route{"PUT", "/api/v0/ssh/{id}/", "user_write", change_key},
    Route{"DELETE", "/api/v0/ssh/{id}/", "user_write", remove_key},
    Route{"GET", "/api/v0/instances/{id}/ssh/", "instance_read", list_of_instance},
    Route{"POST", "/api/v0/instances/{id}/ssh/", "instance_write", attach},
    Route{"PUT", "/api/v0/instances/{id}/ssh/", "instance_write", attach},
    Route{"DELETE", "/api/v0/instances/{id}/ssh/{id}/", "instance_write", detach},
};

}  // namespace

std::span<const Route> ssh_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
