#include "adapters/providers/vast/webhook_json.h"

#include <boost/json.hpp>
#include <charconv>

#include "adapters/http/url.h"
#include "adapters/providers/vast/fields_json.h"
#include "base/digest.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
// Of the API reference, section 2.21.
constexpr std::size_t kNameLengthMax = 120;
constexpr std::size_t kUrlLengthMax = 2'048;
constexpr std::size_t kBodyMax = 256 << 10;

Webhook webhook_of(const json::object& row) {
    Webhook hook;
    hook.id = get_integer(row, "id").value_or(0);
    hook.name = get_line(row, "name");
    hook.url = one_line(get_text(row, "webhook_url"), kUrlLengthMax);
    hook.secret = trimmed(get_text(row, "webhook_secret"));
    if (const json::array* events = get_array(row, "event_types")) {
        for (const json::value& event : *events) {
            if (!event.is_string()) continue;
            hook.events.push_back(one_line(std::string_view(event.get_string())));
        }
    }
    return hook;
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Error not_from_the_market(const char* why) {
    return {ErrorCode::kUnauthenticated, std::string("a webhook is not taken: ") + why};
}

Result<Notification> notification_of(std::string_view body) {
    Notification note;
    const Status read = read_object(body, "notification", [&note](const json::object& object) {
        note.event = get_line(object, "event_id");
        note.type = get_line(object, "notif_type");
        note.subject = get_line(object, "subject");
        note.message = one_line(get_text(object, "message"), 2'000);
        note.at = WallTime{get_scaled(object, "timestamp", kMicro).value_or(0)};
        return ok();
    });
    if (!read) return read.error();
    if (note.event.empty() || note.type.empty()) {
        return Error{ErrorCode::kCorrupt, "a webhook names no event"};
    }
    return note;
}

}  // namespace

Result<std::vector<Webhook>> parse_webhooks(std::string_view body) {
    std::vector<Webhook> hooks;
    const Status read = read_rows(body, "webhooks", "webhooks", [&hooks](const json::object& row) {
        hooks.push_back(webhook_of(row));
        return ok();
    });
    if (!read) return read.error();
    return hooks;
}

Result<Webhook> parse_new_webhook(std::string_view body) {
    Webhook hook;
    const Status read = read_object(body, "webhook", [&hook](const json::object& object) -> Status {
        const json::value* made = find_field(object, "webhook");
        if (made == nullptr || !made->is_object()) {
            return Error{ErrorCode::kCorrupt, "the market's answer holds no webhook"};
        }
        hook = webhook_of(made->get_object());
        return ok();
    });
    if (!read) return read.error();
    return hook;
}

Result<std::string> encode_webhook(const std::string& name, const std::string& url,
                                   const std::vector<std::string>& events) {
    if (name.empty() || name.size() > kNameLengthMax) {
        return invalid("a webhook's name has 1 to 120 characters");
    }
    if (url.size() > kUrlLengthMax || !http::parse_url(url)) {
        return invalid("a webhook needs an address of at most 2,048 characters");
    }
    if (events.empty()) return invalid("a webhook needs at least one event");
    json::array types;
    for (const std::string& event : events)
        types.emplace_back(event);
    return json::serialize(
        json::object{{"name", name}, {"webhook_url", url}, {"event_types", std::move(types)}});
}

Result<std::vector<std::string>> parse_notification_types(std::string_view body) {
    std::vector<std::string> types;
    const Status read = read_rows(body, "notification_types", "notification types",
                                  [&types](const json::object& row) {
                                      types.push_back(get_line(row, "key"));
                                      return ok();
                                  });
    if (!read) return read.error();
    return types;
}

Result<Notification> read_notification(const http::Request& request, std::string_view secret,
                                       WallTime now, Duration age_max) {
    if (secret.empty()) return not_from_the_market("there is no secret to check it with");
    if (request.body.size() > kBodyMax) return not_from_the_market("it is too large");
    const auto time = request.headers.get("X-Vast-Timestamp");
    const auto signature = request.headers.get("X-Vast-Signature-256");
    const auto seconds_then = time ? integer_of(*time) : std::nullopt;
    if (!seconds_then || !signature) return not_from_the_market("it is not signed");
    const std::string expected =
        "sha256=" + hex_of(hmac_sha256(secret, std::string(*time) + "." + request.body));
    if (!equal_secret(expected, *signature)) return not_from_the_market("its signature is wrong");
    constexpr std::int64_t kSecondsMax = 1LL << 40;
    if (*seconds_then < 0 || *seconds_then > kSecondsMax) {
        return not_from_the_market("its time is nonsense");
    }
    const Duration age = now - WallTime{*seconds_then * kMicro};
    if (age > age_max || age < Duration{} - age_max) return not_from_the_market("it is too old");
    auto note = notification_of(request.body);
    if (!note) return note.error();
    if (const auto attempt = request.headers.get("X-Vast-Delivery-Attempt")) {
        note->attempt = static_cast<int>(integer_of(*attempt).value_or(1) & 0xffff);
    }
    return note;
}

}  // namespace herder::vast
