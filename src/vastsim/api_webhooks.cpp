// Webhooks, their types and preferences (vast-api 2.21). The deliveries are in webhook_queue.
#include <algorithm>
#include <array>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kWebhooksMost = 4;
constexpr std::size_t kNameMost = 120;
constexpr std::size_t kUrlMost = 2048;

struct NoticeType {
    std::string_view slug;
    std::string_view name;
    std::string_view category;
};
constexpr std::array kTypes = {
    NoticeType{"outbid", "Outbid", "instance"},
    NoticeType{"low_credit", "Low credit", "billing"},
    NoticeType{"instance_created", "Instance created", "instance"},
    NoticeType{"instance_started", "Instance started", "instance"},
    NoticeType{"instance_resumed", "Instance resumed", "instance"},
    NoticeType{"instance_stopped", "Instance stopped", "instance"},
    NoticeType{"instance_offline", "Instance offline", "instance"},
    NoticeType{"instance_online", "Instance online", "instance"},
    NoticeType{"upcoming_downtime", "Upcoming downtime", "instance"},
    NoticeType{"expiring_soon", "Expiring soon", "instance"},
    NoticeType{"contract_extended", "Contract extended", "instance"},
    NoticeType{"billing_failed", "Billing failed", "billing"},
    NoticeType{"payment_receipt", "Payment receipt", "billing"},
};

bool is_type(const std::string& key) {
    return std::any_of(kTypes.begin(), kTypes.end(), [&](const NoticeType& type) {
        return key == "client:" + std::string(type.slug);
    });
}

ApiReply notification_types(Call&) {
    Json rows = Json::array();
    for (const NoticeType& type : kTypes) {
        Json defaults;
        defaults.set("email", true).set("webhooks", false);
        Json row;
        row.set("key", "client:" + std::string(type.slug)).set("slug", type.slug);
        row.set("context", "client").set("topic", type.category).set("category", type.category);
        row.set("display_name", type.name).set("default_preferences", std::move(defaults));
        row.set("mandatory_email", type.slug == "billing_failed");
        rows.push(std::move(row));
    }
    Json body;
    body.set("success", true).set("notification_types", std::move(rows));
    return json_reply(200, body);
}

Json webhook_row(const Webhook& webhook, bool with_secret) {
    Json events = Json::array();
    for (const std::string& event : webhook.events)
        events.push(event);
    Json row;
    row.set("id", webhook.id).set("user_id", kUserId).set("name", webhook.name);
    row.set("webhook_url", webhook.url).set("event_types", std::move(events));
    row.set("created_at", webhook.created).set("updated_at", webhook.updated);
    if (with_secret) row.set("webhook_secret", webhook.secret);
    return row;
}

ApiReply list_webhooks(Call& call) {
    Json rows = Json::array();
    for (const Webhook& webhook : call.account.webhooks)
        rows.push(webhook_row(webhook, false));
    Json body;
    body.set("success", true).set("webhooks", std::move(rows));
    return json_reply(200, body);
}

// The real service takes https to public addresses only; here a switch decides, so that a client
// on this machine can be reached.
std::optional<ApiReply> refuse(const Call& call) {
    const std::string url = call.text("webhook_url");
    const bool secure = url.starts_with("https://");
    const bool local = url.starts_with("http://");
    const bool fine = secure || (local && !call.market.scenario().webhooks_public_only);
    if (!fine || url.size() > kUrlMost) {
        return failure(400, "invalid_args", "webhook_url must be an https URL");
    }
    if (call.text("name").empty() || call.text("name").size() > kNameMost) {
        return failure(400, "invalid_args", "name is required, at most 120 characters");
    }
    return std::nullopt;
}

Result<std::vector<std::string>> events_in(const Call& call) {
    std::vector<std::string> events;
    const Json* list = call.find("event_types");
    const Json::Array* array = list ? list->if_array() : nullptr;
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        const std::string* key = (*array)[i].if_string();
        if (key == nullptr || !is_type(*key)) return invalid("unknown event type");
        events.push_back(*key);
    }
    return events;
}

ApiReply reply_with(const Webhook& webhook, bool with_secret) {
    Json enabled = Json::array();
    for (const std::string& event : webhook.events)
        enabled.push(event);
    Json body;
    body.set("success", true).set("webhook", webhook_row(webhook, with_secret));
    body.set("enabled_notification_preferences", std::move(enabled));
    return json_reply(200, body);
}

ApiReply create_webhook(Call& call) {
    if (auto refused = refuse(call)) return *refused;
    const auto events = events_in(call);
    if (!events) return failure(400, "invalid_args", events.error().message);
    if (call.account.webhooks.size() >= kWebhooksMost) {
        return failure(400, "max_webhooks", "At most 4 webhooks per user");
    }
    call.account.webhooks.push_back({.id = call.account.next_id(),
                                     .name = call.text("name"),
                                     .url = call.text("webhook_url"),
                                     .events = *events,
                                     .secret = "whsec_" + call.account.random_hex(48),
                                     .created = call.market.now(),
                                     .updated = call.market.now()});
    return reply_with(call.account.webhooks.back(), true);
}

Webhook* find_webhook(Call& call) {
    for (Webhook& webhook : call.account.webhooks) {
        if (webhook.id == call.id()) return &webhook;
    }
    return nullptr;
}

ApiReply no_such_webhook() {
    return failure(404, "not_found", "No such webhook");
}

ApiReply change_webhook(Call& call) {
    Webhook* webhook = find_webhook(call);
    if (webhook == nullptr) return no_such_webhook();
    const auto events = events_in(call);
    if (!events) return failure(400, "invalid_args", events.error().message);
    if (call.find("event_types")) webhook->events = *events;
    if (!call.text("name").empty()) webhook->name = call.text("name");
    if (!call.text("webhook_url").empty()) webhook->url = call.text("webhook_url");
    webhook->updated = call.market.now();
    return reply_with(*webhook, false);
}

ApiReply delete_webhook(Call& call) {
    const auto removed =
        std::erase_if(call.account.webhooks, [&](const Webhook& w) { return w.id == call.id(); });
    return removed > 0 ? done() : no_such_webhook();
}

ApiReply rotate_secret(Call& call) {
    Webhook* webhook = find_webhook(call);
    if (webhook == nullptr) return no_such_webhook();
    webhook->secret = "whsec_" + call.account.random_hex(48);
    webhook->updated = call.market.now();
    return reply_with(*webhook, true);
}

ApiReply test_webhook(Call& call) {
    const Webhook* webhook = find_webhook(call);
    if (webhook == nullptr) return no_such_webhook();
    call.state.webhooks.test(*webhook, call.market.now());
    Json body;
    body.set("success", true).set("msg", "Test webhook delivered");
    return json_reply(200, body);
}

ApiReply show_preferences(Call& call) {
    Json client = Json::object();
    for (const NoticeType& type : kTypes) {
        const auto set = call.account.webhook_preferences.find(std::string(type.slug));
        Json one;
        one.set("email", true);
        one.set("webhooks", set != call.account.webhook_preferences.end() && set->second);
        client.set(std::string(type.slug), std::move(one));
    }
    Json preferences;
    preferences.set("client", std::move(client));
    Json body;
    body.set("success", true).set("notification_preferences", std::move(preferences));
    return json_reply(200, body);
}

ApiReply change_preferences(Call& call) {
    const Json* preferences = call.find("notification_preferences");
    const Json* client = preferences ? preferences->find("client") : nullptr;
    const Json::Object* slugs = client ? client->if_object() : nullptr;
    if (slugs == nullptr) {
        return failure(400, "invalid_args", "notification_preferences are required");
    }
    for (const auto& [slug, setting] : *slugs) {
        const Json* wanted = setting.find("webhooks");
        if (wanted != nullptr && wanted->if_bool()) {
            call.account.webhook_preferences[slug] = *wanted->if_bool();
        }
    }
    return show_preferences(call);
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/notification-types/", "user_read", notification_types},
    Route{"GET", "/api/v0/webhooks/", "user_read", list_webhooks},
    Route{"POST", "/api/v0/webhooks/", "user_write", create_webhook},
    Route{"PUT", "/api/v0/webhooks/{id}/", "user_write", change_webhook},
    Route{"DELETE", "/api/v0/webhooks/{id}/", "user_write", delete_webhook},
    Route{"POST", "/api/v0/webhooks/{id}/rotate-secret/", "user_write", rotate_secret},
    Route{"POST", "/api/v0/webhooks/{id}/test/", "user_write", test_webhook},
    Route{"GET", "/api/v0/users/{id}/notification-prefs/", "user_read", show_preferences},
    Route{"PUT", "/api/v0/users/{id}/notification-prefs/", "user_write", change_preferences},
    Route{"GET", "/api/v0/users/me/notification-prefs/", "user_read", show_preferences},
    Route{"PUT", "/api/v0/users/me/notification-prefs/", "user_write", change_preferences},
};

}  // namespace

std::span<const Route> webhook_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
