#pragma once
// A small JSON value for the bodies of the simulated API: parsed with a library behind parse_json,
// written in the plain number style of the real service (0.1712, 40.0), keys in the order of
// setting.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::vastsim {

class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json() = default;  // null
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(int value) : value_(std::int64_t{value}) {}
    Json(std::int64_t value) : value_(value) {}
    Json(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {}
    Json(double value) : value_(value) {}
    Json(const char* value) : value_(std::string(value)) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(UsdPerHour rate) : value_(static_cast<double>(rate.micros) / 1e6) {}
    Json(Usd amount) : value_(static_cast<double>(amount.micros) / 1e6) {}
    // Epoch seconds with a fraction, as the service writes times.
    Json(WallTime at) : value_(static_cast<double>(at.us / 1000) / 1e3) {}
    static Json array() { return Json(Array{}); }
    static Json object() { return Json(Object{}); }
    explicit Json(Array value) : value_(std::move(value)) {}
    explicit Json(Object value) : value_(std::move(value)) {}

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    const bool* if_bool() const { return std::get_if<bool>(&value_); }
    const std::string* if_string() const { return std::get_if<std::string>(&value_); }
    const Array* if_array() const { return std::get_if<Array>(&value_); }
    const Object* if_object() const { return std::get_if<Object>(&value_); }
    // Numbers and numeric strings, which the service accepts in place of numbers.
    bool is_number() const;
    Result<double> to_number() const;
    Result<std::int64_t> to_integer() const;
    // A decimal number times a million, to the nearest integer: money without drift.
    Result<std::int64_t> to_micros() const;

    // Object access; find() answers nullptr for absent keys and for other kinds of value.
    const Json* find(std::string_view key) const;
    Json& set(std::string key, Json value);
    void push(Json value);

    std::string to_text() const;
    bool operator==(const Json&) const = default;

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

Result<Json> parse_json(std::string_view text);

}  // namespace herder::vastsim
