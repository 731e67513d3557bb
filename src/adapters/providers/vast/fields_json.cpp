#include "adapters/providers/vast/fields_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace herder::vast {

namespace {

constexpr double kExactMax = 9007199254740992.0;  // 2^53

std::string_view trim(std::string_view text) {
    const char* blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<double> number_of(const boost::json::value& value) {
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (value.is_double()) return value.get_double();
    if (!value.is_string()) return std::nullopt;
    const std::string_view text = trim(std::string_view(value.get_string()));
    double number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

const boost::json::value* find_field(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = object.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::int64_t> get_integer(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = find_field(object, name);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return value->get_int64();
    const auto number = number_of(*value);
    if (!number || !(std::abs(*number) <= kExactMax) || std::trunc(*number) != *number) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*number);
}

std::optional<std::int64_t> get_scaled(const boost::json::object& object, std::string_view name,
                                       std::int64_t scale) {
    const boost::json::value* value = find_field(object, name);
    if (value == nullptr) return std::nullopt;
    const auto number = number_of(*value);
    if (!number) return std::nullopt;
    // The nearest double of a decimal with up to six digits is less than half a micro away.
    const double scaled = std::round(*number * static_cast<double>(scale));
    if (!(std::abs(scaled) <= kExactMax)) return std::nullopt;
    return static_cast<std::int64_t>(scaled);
}

std::string get_text(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = find_field(object, name);
    if (value == nullptr) return {};
    if (value->is_string()) return std::string(std::string_view(value->get_string()));
    if (value->is_int64()) return std::to_string(value->get_int64());
    return {};
}

std::string one_line(std::string_view text, std::size_t length_max) {
    std::string out;
    for (const char c : trim(text).substr(0, length_max))
        out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

std::string get_line(const boost::json::object& object, std::string_view name) {
    return one_line(get_text(object, name));
}

std::optional<bool> get_bool(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = find_field(object, name);
    if (value == nullptr) return std::nullopt;
    if (value->is_bool()) return value->get_bool();
    if (value->is_int64()) return value->get_int64() != 0;
    if (value->is_string() && value->get_string() == "true") return true;
    if (value->is_string() && value->get_string() == "false") return false;
    return std::nullopt;
}

const boost::json::array* get_array(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = find_field(object, name);
    return value == nullptr ? nullptr : value->if_array();
}

int parse_port(std::string_view text) {
    constexpr int kPortMax = 65'535;
    // Above: Vast's "identity" ports, the same number inside and outside (API reference, 5.1).
    constexpr int kIdentityMax = 79'999;
    int port = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (ec != std::errc() || end != text.data() + text.size()) return 0;
    const bool is_identity = port >= 70'000 && port <= kIdentityMax;
    return (port >= 1 && port <= kPortMax) || is_identity ? port : 0;
}

int get_port(const boost::json::object& object, std::string_view name) {
    return parse_port(trim(get_text(object, name)));
}

std::string trimmed(std::string_view text) {
    return std::string(trim(text));
}

std::string country_of(std::string_view geolocation) {
    const std::string_view text = trim(geolocation);
    if (text.size() < 2) return {};
    const std::string_view code = text.substr(text.size() - 2);
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return std::all_of(code.begin(), code.end(), is_capital) ? std::string(code) : std::string();
}

namespace {

constexpr std::size_t kRowsMax = 10'000;

Error holds_no(const char* what) {
    return {ErrorCode::kCorrupt, std::string("the market's answer holds no ") + what};
}

Status read_list(const boost::json::value& list, const char* what, const ReadObject& read) {
    if (list.is_null()) return ok();
    if (!list.is_array() || list.get_array().size() > kRowsMax) return holds_no(what);
    for (const boost::json::value& row : list.get_array()) {
        if (!row.is_object()) return holds_no(what);
        if (Status done = read(row.get_object()); !done) return done;
    }
    return ok();
}

}  // namespace

Status read_object(std::string_view body, const char* what, const ReadObject& read) {
    boost::json::error_code ec;
    const boost::json::value value = boost::json::parse(body, ec);
    if (ec || !value.is_object()) return holds_no(what);
    return read(value.get_object());
}

Status read_rows(std::string_view body, const char* field, const char* what,
                 const ReadObject& read) {
    boost::json::error_code ec;
    const boost::json::value value = boost::json::parse(body, ec);
    if (ec) return holds_no(what);
    if (*field == '\0') return value.is_null() ? holds_no(what) : read_list(value, what, read);
    if (!value.is_object()) return holds_no(what);
    const boost::json::value* list = value.get_object().if_contains(field);
    return list == nullptr ? Status(holds_no(what)) : read_list(*list, what, read);
}

boost::json::value decimal_of_micros(std::int64_t micros) {
    return static_cast<double>(micros) / 1e6;
}

}  // namespace herder::vast
