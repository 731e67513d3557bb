#include "adapters/providers/vast/webhook_intake.h"

#include "base/log.h"

namespace herder::vast {

namespace {

// More than arrive within the age that a signature is believed for.
constexpr std::size_t kRememberedMax = 10'000;

http::Response answer(int status, const char* text) {
    return http::make_response(status, "text/plain", std::string(text) + "\n");
}

}  // namespace

WebhookIntake::WebhookIntake(std::string secret, const Clock& clock, Hint hint)
    : secret_(std::move(secret)), clock_(clock), hint_(std::move(hint)) {}

bool WebhookIntake::is_new(const std::string& event) {
    if (!seen_.insert(event).second) return false;
    order_.push_back(event);
    if (order_.size() > kRememberedMax) {
        seen_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

http::Response WebhookIntake::take(const http::Request& request) {
    if (secret_.empty()) return answer(404, "no webhook is set up here");
    if (request.method != "POST") return answer(405, "notifications are posted");
    const Result<Notification> note = read_notification(request, secret_, clock_.wall());
    if (!note) {
        {
            const std::lock_guard lock(mutex_);
            ++counts_.refused;
        }
        log_warn("webhook.refused",
                 {{"from", request.peer_address}, {"why", note.error().message}});
        // Its sender is not told what is wrong with it.
        return answer(note.error().code == ErrorCode::kUnauthenticated ? 401 : 400, "not accepted");
    }
    {
        const std::lock_guard lock(mutex_);
        if (!is_new(note->event)) {
            ++counts_.repeated;
            return answer(200, "known");
        }
        ++counts_.taken;
    }
    log_info("webhook.taken", {{"type", note->type}, {"event", note->event}});
    hint_(*note);
    return answer(200, "taken");
}

WebhookIntake::Counts WebhookIntake::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

}  // namespace herder::vast
