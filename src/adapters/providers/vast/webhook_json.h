#pragma once
// Webhooks of the market: which there are, and what comes in. A delivery is only a hint to look:
// it names no machine, may come twice, out of order or never.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/message.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::vast {

struct Webhook {
    std::int64_t id = 0;
    std::string name;
    std::string url;
    std::vector<std::string> events;
    std::string secret;  // only in the answer to a new one or a rotation; never shown
    bool operator==(const Webhook&) const = default;
};
Result<std::vector<Webhook>> parse_webhooks(std::string_view body);
Result<Webhook> parse_new_webhook(std::string_view body);
Result<std::string> encode_webhook(const std::string& name, const std::string& url,
                                   const std::vector<std::string>& events);

// "client:outbid": the names that the market knows today.
Result<std::vector<std::string>> parse_notification_types(std::string_view body);

struct Notification {
    std::string event;  // its id, for telling repeats apart
    std::string type;   // "outbid", "low_credit", ...; unknown words survive
    std::string subject;
    std::string message;
    WallTime at;
    int attempt = 1;  // of the delivery
    bool operator==(const Notification&) const = default;
};

// A delivery whose signature holds and which is not older than `age_max`; kUnauthenticated
// otherwise. Compares in constant time.
Result<Notification> read_notification(const http::Request& request, std::string_view secret,
                                       WallTime now, Duration age_max = minutes(10));

}  // namespace herder::vast
