// The user, settings, addresses, audit logs (vast-api 2.17, 2.20, 2.22).
#include <array>
#include <set>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

ApiReply current_user(Call& call) {
    Json user;
    const ApiKey* asking = call.account.find_key(call.request.key);
    user.set("id", kUserId).set("key_id", asking == nullptr ? Json() : Json(asking->id));
    user.set("username", "acme").set("user", "acme");
    user.set("email", "ops@acme.example").set("email_verified", true).set("fullname", "Acme Ops");
    user.set("credit", call.market.credit()).set("balance", 0);
    const Scenario& scenario = call.market.scenario();
    user.set("balance_threshold", 10.0).set("balance_threshold_enabled", true);
    user.set("autobill_threshold", scenario.autobill_threshold);
    user.set("autobill_amount", scenario.autobill_amount);
    const bool has_ssh_key = !call.account.ssh_keys.empty();
    user.set("ssh_key", has_ssh_key ? Json(call.account.ssh_keys.front().text) : Json(""));
    const bool card = scenario.autobill_amount.micros > 0;
    user.set("has_billing", card).set("can_pay", card).set("billing_creditonly", card ? 0 : 1);
    user.set("last4", card ? Json("4242") : Json()).set("got_signup_credit", 0);
    user.set("has_payout", false).set("paypal_email", nullptr).set("password_resettable", true);
    user.set("billed_expected", call.market.spent()).set("billed_verified", call.market.spent());
    user.set("paid_expected", 0).set("paid_verified", 0);
    user.set("sid", "").set("tfa_enabled", false);
    for (const auto& [key, value] : *call.account.settings.if_object())
        user.set(key, value);
    return json_reply(200, user);
}

ApiReply set_user(Call& call) {
    constexpr std::array<std::string_view, 4> kFixed = {"id", "credit", "balance", "key_id"};
    for (const auto& [key, value] : *call.body.if_object()) {
        bool fixed = false;
        for (const std::string_view name : kFixed)
            fixed = fixed || name == key;
        if (!fixed) call.account.settings.set(key, value);
    }
    return done();
}

ApiReply addresses(Call& call) {
    std::set<std::string> seen;
    Json rows = Json::array();
    for (const CallRecord& record : call.state.calls.last()) {
        if (!seen.insert(record.client_ip).second) continue;
        Json row;
        row.set("ip", record.client_ip).set("first_seen", record.at);
        rows.push(std::move(row));
    }
    Json body;
    body.set("results", std::move(rows));
    return json_reply(200, body);
}

// Newest first. Keys never appear; what was created does, by its label.
ApiReply audit_logs(Call& call) {
    Json rows = Json::array();
    const auto& calls = call.state.calls.last();
    for (auto record = calls.rbegin(); record != calls.rend(); ++record) {
        Json args;
        args.set("method", record->route.substr(0, record->route.find(' ')));
        if (!record->label.empty()) args.set("label", record->label);
        Json row;
        row.set("ip_address", record->client_ip).set("api_key_id", 987);
        row.set("created_at", record->at).set("api_route", record->path);
        row.set("args", std::move(args));
        rows.push(std::move(row));
    }
    return json_reply(200, rows);
}

ApiReply audit_log_filters(Call& call) {
    std::set<std::string> paths;
    for (const CallRecord& record : call.state.calls.last())
        paths.insert(record.path);
    Json list = Json::array();
    for (const std::string& path : paths)
        list.push(path);
    Json body;
    body.set("success", true).set("api_routes", std::move(list));
    return json_reply(200, body);
}

// Teams are not simulated: one account, no members.
ApiReply subaccounts(Call&) {
    Json body;
    body.set("users", Json::array());
    return json_reply(200, body);
}

ApiReply health(Call&) {
    Json body;
    body.set("status", "ok");
    return json_reply(200, body);
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/users/current/", "user_read", current_user, "", true},
    Route{"PUT", "/api/v0/users/", "user_write", set_user},
    Route{"GET", "/api/v0/users/me/ipaddrs/", "user_read", addresses, "", true},
    Route{"GET", "/api/v0/users/{id}/ipaddrs/", "user_read", addresses, "", true},
    Route{"GET", "/api/v0/subaccounts/", "user_read", subaccounts, "", true},
    Route{"GET", "/api/v0/audit_logs/", "misc", audit_logs},
    Route{"GET", "/api/v1/audit_logs/", "misc", audit_logs},
    Route{"GET", "/api/v0/audit_log_filters/", "misc", audit_log_filters},
    Route{"GET", "/api/v0/health/", "", health},
};

}  // namespace

std::span<const Route> account_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
