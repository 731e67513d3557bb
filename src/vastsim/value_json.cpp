#include "vastsim/value_json.h"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace herder::vastsim {

namespace {

void append_string(std::string& out, const std::string& text) {
    out += boost::json::serialize(boost::json::string_view(text));
}

void append_double(std::string& out, double number) {
    char buffer[64];
    const bool plain = number == 0 || (std::fabs(number) >= 1e-7 && std::fabs(number) < 1e15);
    const auto end =
        plain ? std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed)
              : std::to_chars(buffer, buffer + sizeof buffer, number);
    const std::string_view text(buffer, static_cast<std::size_t>(end.ptr - buffer));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append(std::string& out, const Json& value, const std::string& scalar) {
    if (const Json::Array* array = value.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i)
            out += (i == 0 ? "" : ",") + (*array)[i].to_text();
        out += ']';
    } else if (const Json::Object* object = value.if_object()) {
        out += '{';
        bool first = true;
        for (const auto& [key, member] : *object) {
            if (!first) out += ',';
            first = false;
            append_string(out, key);
            out += ':' + member.to_text();
        }
        out += '}';
    } else {
        out += scalar;
    }
}

Json convert(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            return {};
        case boost::json::kind::bool_:
            return value.get_bool();
        case boost::json::kind::int64:
            return std::int64_t{value.get_int64()};
        case boost::json::kind::uint64:
            return static_cast<double>(value.get_uint64());
        case boost::json::kind::double_:
            return value.get_double();
        case boost::json::kind::string:
            return std::string(value.get_string().begin(), value.get_string().end());
        case boost::json::kind::array: {
            Json::Array out;
            for (const auto& element : value.get_array())
                out.push_back(convert(element));
            return Json(std::move(out));
        }
        case boost::json::kind::object: {
            Json::Object out;
            for (const auto& member : value.get_object())
                out.emplace_back(std::string(member.key()), convert(member.value()));
            return Json(std::move(out));
        }
    }
    return {};
}

}  // namespace

bool Json::is_number() const {
    return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<double>(value_);
}

Result<double> Json::to_number() const {
    if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
        return static_cast<double>(*integer);
    }
    if (const auto* number = std::get_if<double>(&value_)) return *number;
    if (const auto* text = if_string()) {
        double number = 0;
        const char* end = text->data() + text->size();
        const auto parsed = std::from_chars(text->data(), end, number);
        if (parsed.ec == std::errc{} && parsed.ptr == end && !text->empty()) return number;
    }
    return invalid("not a number: " + to_text());
}

Result<std::int64_t> Json::to_integer() const {
    if (const auto* integer = std::get_if<std::int64_t>(&value_)) return *integer;
    const Result<double> number = to_number();
    if (!number) return number.error();
    if (std::fabs(*number) > 9e15) return invalid("number out of range: " + to_text());
    return static_cast<std::int64_t>(std::llround(*number));
}

Result<std::int64_t> Json::to_micros() const {
    const Result<double> number = to_number();
    if (!number) return number.error();
    if (std::fabs(*number) > 1e9) return invalid("amount out of range: " + to_text());
    return static_cast<std::int64_t>(std::llround(*number * 1e6));
}

const Json* Json::find(std::string_view key) const {
    const Object* object = if_object();
    if (object == nullptr) return nullptr;
    for (const auto& [name, value] : *object) {
        if (name == key) return &value;
    }
    return nullptr;
}

Json& Json::set(std::string key, Json value) {
    if (!if_object()) value_ = Object{};
    for (auto& [name, old] : std::get<Object>(value_)) {
        if (name != key) continue;
        old = std::move(value);
        return *this;
    }
    std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
    return *this;
}

void Json::push(Json value) {
    if (!if_array()) value_ = Array{};
    std::get<Array>(value_).push_back(std::move(value));
}

std::string Json::to_text() const {
    std::string scalar = "null";
    if (const bool* flag = if_bool()) scalar = *flag ? "true" : "false";
    if (const auto* integer = std::get_if<std::int64_t>(&value_)) scalar = std::to_string(*integer);
    if (const auto* number = std::get_if<double>(&value_)) {
        scalar.clear();
        append_double(scalar, *number);
    }
    if (const std::string* text = if_string()) {
        scalar.clear();
        append_string(scalar, *text);
    }
    std::string out;
    append(out, *this, scalar);
    return out;
}

Result<Json> parse_json(std::string_view text) {
    boost::json::error_code failed;
    const boost::json::value value =
        boost::json::parse(boost::json::string_view(text.data(), text.size()), failed);
    if (failed) return invalid("not valid JSON: " + failed.message());
    return convert(value);
}

}  // namespace herder::vastsim
