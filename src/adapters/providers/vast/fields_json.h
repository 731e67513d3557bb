#pragma once
// Forgiving access to the fields of the market's JSON: numbers may be strings, anything may be
// null. Money leaves here as integers. Only for the codecs of this folder.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

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
// The same for showing to people: one line without control characters, at most 256 of them.
std::string get_line(const boost::json::object& object, std::string_view name);
std::string one_line(std::string_view text, std::size_t length_max = 256);
// true/false, 0/1 or "true"/"false".
std::optional<bool> get_bool(const boost::json::object& object, std::string_view name);
// The array, or null where it is missing, null or something else.
const boost::json::array* get_array(const boost::json::object& object, std::string_view name);

// A port number, given as 22 or "22"; 0 for anything else.
int get_port(const boost::json::object& object, std::string_view name);
int parse_port(std::string_view text);
// Without blanks and line ends around it.
std::string trimmed(std::string_view text);
// "California, US" -> "US"; empty where the text does not end in two capitals.
std::string country_of(std::string_view geolocation);

// Calls `read` with the JSON object that `body` must be; kCorrupt with "the market's answer holds
// no <what>" otherwise.
using ReadObject = std::function<Status(const boost::json::object&)>;
Status read_object(std::string_view body, const char* what, const ReadObject& read);
// Calls `read` with every object of the list `field` (empty: the body is the list itself). null is
// an empty list. What is not an object is an error; at most 10,000 rows are read.
Status read_rows(std::string_view body, const char* field, const char* what,
                 const ReadObject& read);

// The number micros / 1,000,000 as the shortest JSON number that means it.
boost::json::value decimal_of_micros(std::int64_t micros);

}  // namespace herder::vast
