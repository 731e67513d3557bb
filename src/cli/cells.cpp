#include "cli/cells.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "base/money.h"
#include "base/rfc3339.h"
#include "cli/wall_clock.h"

namespace herder::cli {

namespace {

struct StatusSign {
    const char* word;
    const char* utf8;
    const char* ascii;
};
// The words of the API's job states.
constexpr std::array<StatusSign, 8> kSigns{{{"queued", "…", "."},
                                            {"placing", "◐", "~"},
                                            {"running", "●", "*"},
                                            {"recovering", "↻", "@"},
                                            {"paused", "‖", "="},
                                            {"succeeded", "✓", "+"},
                                            {"failed", "✗", "x"},
                                            {"cancelled", "✗", "x"}}};

struct TextOf {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(std::uint64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const {
        std::array<char, 32> text{};  // the shortest form that reads back the same
        return {text.data(), std::to_chars(text.data(), text.data() + text.size(), v).ptr};
    }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const Json::Array&) const { return whole.to_text(); }
    std::string operator()(const Json::Object&) const { return whole.to_text(); }
    const Json& whole;
};

std::string escaped(unsigned char c) {
    static constexpr char kHex[] = "0123456789abcdef";
    return std::string("\\x") + kHex[c >> 4U] + kHex[c & 15U];
}

std::tm local_parts(WallTime at) {
    const std::time_t seconds_since_epoch = at.us / 1'000'000;
    std::tm parts{};
    localtime_r(&seconds_since_epoch, &parts);
    return parts;
}

}  // namespace

Look current_look() {
    Look look{.utf8 = false, .now = wall_now()};
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        const std::string_view locale(value);
        look.utf8 = locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos ||
                    locale.find("UTF8") != locale.npos || locale.find("utf-8") != locale.npos;
        break;
    }
    return look;
}

std::string text_of(const Json* value) {
    return value == nullptr ? "" : value->visit(TextOf{*value});
}

std::string text_at(const Json& object, std::string_view key) {
    return text_of(object.find(key));
}

std::int64_t number_at(const Json& object, std::string_view key) {
    const Json* value = object.find(key);
    if (value == nullptr) return 0;
    if (const auto* number = value->if_signed()) return *number;
    if (const auto* number = value->if_double()) return static_cast<std::int64_t>(*number);
    return 0;
}

std::string printable(std::string_view text, bool keep_lines) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool is_line = c == '\n' || c == '\t';
        // U+0080..U+009F are control characters too, in UTF-8 c2 80 .. c2 9f.
        const bool is_c1 = c == 0xC2 && i + 1 < text.size() &&
                           (static_cast<unsigned char>(text[i + 1]) & 0xE0U) == 0x80U;
        if (is_c1) {
            out += escaped(static_cast<unsigned char>(text[++i]));
        } else if ((c < 0x20 && !(keep_lines && is_line)) || c == 0x7F) {
            out += escaped(c);
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string ago(const std::string& rfc3339, const Look& look) {
    const Result<WallTime> at = parse_rfc3339(rfc3339.empty() ? " " : rfc3339);
    if (!at) return rfc3339;
    const std::int64_t passed = std::max<std::int64_t>(0, (look.now - *at).whole_seconds());
    if (passed < 60) return std::to_string(passed) + "s ago";
    if (passed < 3600) return std::to_string(passed / 60) + "m ago";
    if (passed < 86'400) return std::to_string(passed / 3600) + "h ago";
    return std::to_string(passed / 86'400) + "d ago";
}

std::string local_time(const std::string& rfc3339, const Look& look) {
    const Result<WallTime> at = parse_rfc3339(rfc3339.empty() ? " " : rfc3339);
    if (!at) return rfc3339;
    const std::tm then = local_parts(*at);
    const std::tm now = local_parts(look.now);
    const bool same_day = then.tm_yday == now.tm_yday && then.tm_year == now.tm_year;
    std::array<char, 32> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), same_day ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then);
    return {text.data(), size};
}

std::string duration_of(const Json* value) {
    if (value == nullptr) return "";
    if (const auto* number = value->if_signed()) return to_text(seconds(*number));
    if (const auto* number = value->if_double()) {
        return to_text(seconds(static_cast<std::int64_t>(*number)));
    }
    return "";
}

std::string money_cell(const std::string& decimal) {
    const Result<Usd> amount = parse_usd(decimal);
    return amount ? to_text(*amount) : decimal;
}

std::string rate_cell(const std::string& decimal) {
    const std::string text = money_cell(decimal);
    return text.starts_with('$') ? text.substr(1) : text;
}

std::string status_cell(const std::string& status, const Look& look) {
    for (const StatusSign& sign : kSigns) {
        if (status == sign.word)
            return std::string(look.utf8 ? sign.utf8 : sign.ascii) + " " + status;
    }
    return printable(status);
}

std::string tick(const Look& look) {
    return look.utf8 ? "✓" : "+";
}

std::string cross(const Look& look) {
    return look.utf8 ? "✗" : "x";
}

}  // namespace herder::cli
