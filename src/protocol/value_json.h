#pragma once
// A small JSON value, so that the documents of this folder are written and read without the heavy
// library in their headers. Integers are exact; keys keep the order of setting.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace herder::protocol {

class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json() = default;  // null
    Json(bool value) : value_(value) {}
    Json(int value) : value_(std::int64_t{value}) {}
    Json(std::int64_t value) : value_(value) {}
    Json(std::uint64_t value) : value_(value) {}
    Json(double value) : value_(value) {}
    Json(const char* value) : value_(std::string(value)) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    const bool* if_bool() const { return std::get_if<bool>(&value_); }
    const std::string* if_string() const { return std::get_if<std::string>(&value_); }
    const Array* if_array() const { return std::get_if<Array>(&value_); }
    const Object* if_object() const { return std::get_if<Object>(&value_); }
    const double* if_double() const { return std::get_if<double>(&value_); }
    // Integers that fit; nothing else, also no text.
    const std::int64_t* if_signed() const { return std::get_if<std::int64_t>(&value_); }
    const std::uint64_t* if_unsigned() const { return std::get_if<std::uint64_t>(&value_); }

    // The member of an object, or nullptr (also when this is no object).
    const Json* find(std::string_view key) const;
    // Adds a member; this must be an object or null.
    Json& set(std::string key, Json value);
    Json& push(Json value);

    // Calls `visitor` with what is inside.
    template <class Visitor>
    auto visit(Visitor&& visitor) const {
        return std::visit(std::forward<Visitor>(visitor), value_);
    }

    std::string to_text() const;
    bool operator==(const Json&) const = default;

  private:
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
                 Object>
        value_;
};

// kInvalid for what is no JSON, is nested deeper than 32, or is longer than `size_limit`.
Result<Json> parse_json(std::string_view text, std::size_t size_limit);

}  // namespace herder::protocol
