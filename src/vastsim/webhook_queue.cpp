#include "vastsim/webhook_queue.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/digest.h"

namespace herder::vastsim {

namespace {

// The real schedule is not documented.
constexpr std::array kRetries = {seconds(5), seconds(30), minutes(5), minutes(30)};
constexpr std::size_t kPlannedMost = 10'000;
constexpr std::size_t kHistoryKept = 500;

bool is_retried(int status) {
    return status == 0 || status == 408 || status == 429 || status >= 500;
}

}  // namespace

bool wants(const Account& account, const Webhook& webhook, const std::string& slug) {
    const auto preference = account.webhook_preferences.find(slug);
    if (preference != account.webhook_preferences.end() && !preference->second) return false;
    return std::find(webhook.events.begin(), webhook.events.end(), "client:" + slug) !=
           webhook.events.end();
}

void WebhookQueue::plan(Plan p) {
    if (planned_.size() < kPlannedMost) planned_[next_++] = std::move(p);
}

void WebhookQueue::add(const Account& account, const Notice& notice, WallTime now) {
    const std::string event_id =
        sha256_hex(notice.slug + notice.message + std::to_string(notice.at.us)).substr(0, 32);
    Json body;
    body.set("event_id", event_id).set("user_id", kUserId).set("notif_type", notice.slug);
    body.set("subject", notice.subject).set("message", notice.message).set("timestamp", notice.at);
    for (const Webhook& webhook : account.webhooks) {
        if (!wants(account, webhook, notice.slug) || faults_.strikes("webhook_lost")) continue;
        Plan p{.url = webhook.url,
               .secret = webhook.secret,
               .body = body.to_text(),
               .event_id = event_id,
               .at = now,
               .forged = faults_.strikes("webhook_forged")};
        if (faults_.strikes("webhook_late")) {
            p.at = now + seconds(faults_.amount_of("webhook_late", 120));
        }
        plan(p);
        if (faults_.strikes("webhook_twice")) plan(p);
    }
}

void WebhookQueue::test(const Webhook& webhook, WallTime now) {
    const std::string event_id = sha256_hex(webhook.secret + std::to_string(now.us)).substr(0, 32);
    Json body;
    body.set("event_id", event_id).set("user_id", kUserId).set("notif_type", "webhook_test");
    body.set("subject", "Webhook test").set("message", "Test delivery").set("timestamp", now);
    plan({.url = webhook.url,
          .secret = webhook.secret,
          .body = body.to_text(),
          .event_id = event_id,
          .at = now,
          .final = true});
}

std::vector<WebhookDelivery> WebhookQueue::due(WallTime now) {
    std::vector<WebhookDelivery> out;
    for (auto& [number, p] : planned_) {
        if (p.in_flight || p.at > now) continue;
        p.in_flight = true;
        const std::string stamp = std::to_string(now.us / 1'000'000);
        const std::string secret = p.forged ? "not the secret" : p.secret;
        const std::string mac = to_hex(hmac_sha256(secret, stamp + "." + p.body));
        out.push_back({number,
                       p.url,
                       p.body,
                       {{"Content-Type", "application/json"},
                        {"X-Vast-Event-Id", p.event_id},
                        {"X-Vast-Delivery-Attempt", std::to_string(p.attempt)},
                        {"X-Vast-Timestamp", stamp},
                        {"X-Vast-Signature-256", "sha256=" + mac}}});
    }
    return out;
}

void WebhookQueue::result(std::uint64_t number, int status, WallTime now) {
    const auto found = planned_.find(number);
    if (found == planned_.end()) return;
    Plan& p = found->second;
    history_.push_back(p.event_id + " attempt " + std::to_string(p.attempt) + " -> " +
                       std::to_string(status));
    if (history_.size() > kHistoryKept) history_.pop_front();
    const auto tried = static_cast<std::size_t>(p.attempt);
    if (!is_retried(status) || p.final || tried > kRetries.size()) {
        planned_.erase(found);
        return;
    }
    p.at = now + kRetries[tried - 1];
    p.in_flight = false;
    ++p.attempt;
}

}  // namespace herder::vastsim
