#pragma once
// Forgiving access to the fields of the market's JSON: numbers may be strings, anything may be
// null. Money leaves here as integers. Only for the codecs of this folder.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// NOLINTNEXTLINE: declared here so that no header includes Boost.JSON
namespace boost::json {
class array;
class object;
class value;
}  // namespace boost::json

namespace herder::vast {

// The field, or null where it is missing or JSON null.
const boost::json::value* find_field(const boost::json::object& object, std::string_view name);

// An integer, given as 7, 7.0 or "7".
std::optional<std::int64_t> get_integer(const boost::json::object& object, std::string_view name);
// The number times `scale`, rounded to the nearest integer (halves away from zero): dollars to
// micro-dollars, seconds to microseconds. Nothing where it does not fit in 53 bits.
std::optional<std::int64_t> get_scaled(const boost::json::object& object, std::string_view name,
                                       std::int64_t scale);
// A string, or the digits of an integer; empty where missing.
std::string get_text(const boost::json::object& object, std::string_view name);
// true/false, 0/1 or "true"/"false".
std::optional<bool> get_bool(const boost::json::object& object, std::string_view name);
// The array, or null where it is missing, null or something else.
const boost::json::array* get_array(const boost::json::object& object, std::string_view name);

// The number micros / 1,000,000 as the shortest JSON number that means it.
boost::json::value decimal_of_micros(std::int64_t micros);

}  // namespace herder::vast
