#include "adapters/providers/vast/fields_json.h"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace herder::vast {

namespace {

constexpr double kExactMax = 9007199254740992.0;  // 2^53

std::string_view trimmed(std::string_view text) {
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
    const std::string_view text = trimmed(std::string_view(value.get_string()));
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

boost::json::value decimal_of_micros(std::int64_t micros) {
    return static_cast<double>(micros) / 1e6;
}

}  // namespace herder::vast
