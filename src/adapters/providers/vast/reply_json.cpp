#include "adapters/providers/vast/reply_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

constexpr std::size_t kTextMax = 300;

std::string readable(std::string_view text) {
    return one_line(text, kTextMax);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

}  // namespace

bool Reply::mentions(std::string_view words) const {
    const std::string wanted = lower(words);
    return lower(error).find(wanted) != std::string::npos ||
           lower(message).find(wanted) != std::string::npos ||
           lower(text).find(wanted) != std::string::npos;
}

std::string Reply::describe() const {
    std::string out = std::to_string(status);
    if (!error.empty()) out += " " + error;
    if (!message.empty()) out += ": " + message;
    if (error.empty() && message.empty()) out += text.empty() ? " without a reason" : ": " + text;
    return out;
}

Reply parse_reply(int status, std::string_view body) {
    Reply reply;
    reply.status = status;
    boost::json::error_code ec;
    const boost::json::value value = boost::json::parse(body, ec);
    reply.is_json = !ec;
    if (ec || !value.is_object()) {
        // The text of a success may hold the machine's own key: it is not shown.
        if (!reply.is_2xx()) reply.text = readable(body);
        return reply;
    }
    const boost::json::object& object = value.get_object();
    reply.parsed = true;
    reply.success = get_bool(object, "success");
    reply.error = readable(get_text(object, "error"));
    for (const char* name : {"msg", "message", "detail"}) {
        if (reply.message.empty()) reply.message = readable(get_text(object, name));
    }
    const std::int64_t contract = get_integer(object, "new_contract").value_or(0);
    if (contract > 0) reply.contract = {contract};
    reply.machine_key = get_text(object, "instance_api_key");
    return reply;
}

bool is_auth_error(const Reply& reply) {
    if (reply.status == 401 || reply.error == "auth_error") return true;
    if (reply.status != 403 && reply.status != 404) return false;
    return reply.mentions("invalid user key") || reply.mentions("requires login") ||
           reply.mentions("two factor") || reply.mentions("session expired") ||
           reply.mentions("permission group");
}

bool is_missing_right(const Reply& reply) {
    return (reply.status == 401 || reply.status == 403) && reply.mentions("permission group");
}

std::optional<Duration> find_threshold(std::string_view body) {
    constexpr std::string_view kWord = "threshold=";
    const std::size_t at = body.find(kWord);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view digits = body.substr(at + kWord.size());
    double number = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (ec != std::errc() || !(number >= 0) || number > 86'400) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(number * 1000 + 0.5));
}

}  // namespace herder::vast
