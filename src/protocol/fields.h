#pragma once
// One description of a document gives its writer and its reader. A described type has, in namespace
// herder::protocol, `template <class S, class V> void fields(As<T>, S& self, V& v)` that calls
// v("name", self.member) for each member. Reading: absent fields keep their default, unknown fields
// are ignored, a wrong type is an error with its path.
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "protocol/value_json.h"

namespace herder::protocol {

template <class T>
struct As {};

// Enums travel as words: specialise `words()` returning the enumerators.
template <class E>
struct EnumWords;  // static constexpr std::array<std::pair<const char*, E>, N> kWords

template <class T>
concept Worded = requires { EnumWords<T>::kWords; };

struct NoVisitor {
    template <class T>
    void operator()(const char*, T&) {}
};
template <class T>
concept Fielded = requires(T& t, NoVisitor& v) { fields(As<std::remove_cv_t<T>>{}, t, v); };

template <class T>
Json write_value(const T& value);

class FieldWriter {
  public:
    template <class T>
    void operator()(const char* name, const T& value) {
        if constexpr (requires {
                          value.has_value();
                          *value;
                      }) {
            if (value) out_.set(name, write_value(*value));
        } else {
            out_.set(name, write_value(value));
        }
    }
    Json take() { return std::move(out_); }

  private:
    Json out_ = Json(Json::Object{});
};

template <class T>
Json write_value(const T& value) {
    if constexpr (Worded<T>) {
        for (const auto& [word, enumerator] : EnumWords<T>::kWords) {
            if (enumerator == value) return Json(word);
        }
        return Json(static_cast<int>(value));
    } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::string>) {
        return Json(value);
    } else if constexpr (std::unsigned_integral<T>) {
        return Json(static_cast<std::uint64_t>(value));
    } else if constexpr (std::integral<T>) {
        return Json(static_cast<std::int64_t>(value));
    } else if constexpr (record_detail::Strong<T>) {
        return write_value(record_detail::inner(value));
    } else if constexpr (Fielded<T>) {
        FieldWriter writer;
        fields(As<T>{}, value, writer);
        return writer.take();
    } else if constexpr (requires { typename T::mapped_type; }) {
        Json out{Json::Object{}};
        for (const auto& [key, item] : value)
            out.set(key, write_value(item));
        return out;
    } else {
        Json out{Json::Array{}};
        for (const auto& item : value)
            out.push(write_value(item));
        return out;
    }
}

class FieldReader {
  public:
    FieldReader(const Json& from, std::string path) : from_(from), path_(std::move(path)) {}

    template <class T>
    void operator()(const char* name, T& value) {
        if (!status_) return;
        const Json* field = from_.find(name);
        if (field == nullptr || field->is_null()) return;
        status_ = read_value(*field, value, path_.empty() ? name : path_ + "." + name);
    }
    Status status() const { return status_; }

    template <class T>
    static Status read_value(const Json& from, T& value, const std::string& path) {
        if constexpr (Worded<T>) {
            return read_word(from, value, path);
        } else if constexpr (std::same_as<T, bool>) {
            if (from.if_bool() == nullptr) return wrong(path, "true or false");
            value = *from.if_bool();
            return ok();
        } else if constexpr (std::same_as<T, std::string>) {
            if (from.if_string() == nullptr) return wrong(path, "text");
            value = *from.if_string();
            return ok();
        } else if constexpr (std::integral<T>) {
            return read_integer(from, value, path);
        } else if constexpr (requires {
                                 value.has_value();
                                 *value;
                             }) {
            value.emplace();
            return read_value(from, *value, path);
        } else if constexpr (record_detail::Strong<T>) {
            return read_value(from, record_detail::inner(value), path);
        } else if constexpr (Fielded<T>) {
            if (from.if_object() == nullptr) return wrong(path, "an object");
            FieldReader reader(from, path);
            fields(As<T>{}, value, reader);
            return reader.status();
        } else {
            return read_many(from, value, path);
        }
    }

  private:
    static Error wrong(const std::string& path, const char* expected) {
        return invalid("field '" + path + "' must be " + expected);
    }
    template <class T>
    static Status read_word(const Json& from, T& value, const std::string& path) {
        if (from.if_string() == nullptr) return wrong(path, "a word");
        for (const auto& [word, enumerator] : EnumWords<T>::kWords) {
            if (*from.if_string() == word) {
                value = enumerator;
                return ok();
            }
        }
        return wrong(path, "one of its known words");
    }
    template <class T>
    static Status read_integer(const Json& from, T& value, const std::string& path) {
        if (const auto* number = from.if_signed(); number && std::in_range<T>(*number)) {
            value = static_cast<T>(*number);
            return ok();
        }
        if (const auto* number = from.if_unsigned(); number && std::in_range<T>(*number)) {
            value = static_cast<T>(*number);
            return ok();
        }
        return wrong(path, "an integer in its range");
    }
    template <class T>
    static Status read_many(const Json& from, T& value, const std::string& path) {
        value.clear();
        if constexpr (requires { typename T::mapped_type; }) {
            if (from.if_object() == nullptr) return wrong(path, "an object");
            for (const auto& [key, item] : *from.if_object()) {
                const Status read = read_value(item, value[key], path + "." + key);
                if (!read) return read;
            }
        } else {
            if (from.if_array() == nullptr) return wrong(path, "a list");
            for (const Json& item : *from.if_array()) {
                value.emplace_back();
                const std::string at = path + "[" + std::to_string(value.size() - 1) + "]";
                const Status read = read_value(item, value.back(), at);
                if (!read) return read;
            }
        }
        return ok();
    }

    const Json& from_;
    std::string path_;
    Status status_ = ok();
};

template <class T>
std::string write_document(const T& value) {
    return write_value(value).to_text();
}

template <class T>
Result<T> read_document(std::string_view text, std::size_t size_limit) {
    const Result<Json> json = parse_json(text, size_limit);
    if (!json) return json.error();
    T value;
    const Status read = FieldReader::read_value(*json, value, "");
    if (!read) return read.error();
    return value;
}

}  // namespace herder::protocol
