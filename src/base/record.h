#pragma once
// The stored form of rows and events: numbered fields, so that a newer program reads older rows
// and an older one skips what it does not know. A type takes part by one function:
//
//   struct Point {
//       int x = 0;
//       std::string name;
//       template <class Self, class V> static void describe(Self& p, V& v) { v(1, p.x); v(2,
//       p.name); }
//   };
//
// Field numbers are never reused. Supported: integers, bool, enums, strong integers of base/,
// strings, vectors, maps, optionals, described structs, and variants whose alternatives carry
// `static constexpr int kTag` (the index itself is never stored).
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace herder {

namespace record_detail {

void put_varint(std::string& out, std::uint64_t value);
bool get_varint(std::string_view& in, std::uint64_t& value);
bool get_slice(std::string_view& in, std::string_view& slice);  // varint length, then bytes

constexpr std::uint64_t zigzag(std::int64_t v) {
    return static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

// The single integer inside a strong type, by reference.
template <class T>
auto& inner(T& v)
    requires requires { v.us; }
{
    return v.us;
}
template <class T>
auto& inner(T& v)
    requires requires { v.micros; }
{
    return v.micros;
}
template <class T>
auto& inner(T& v)
    requires requires { v.count; }
{
    return v.count;
}
template <class T>
auto& inner(T& v)
    requires requires { v.value; }
{
    return v.value;
}

template <class T>
concept Described = requires(T& t, int& v) { &T::template describe<T, int>; };
template <class T>
concept Strong = std::is_class_v<T> && !Described<T> && requires(T& t) {
    requires std::integral<std::remove_cvref_t<decltype(inner(t))>>;
};
template <class T>
concept Scalar = std::integral<T> || std::is_enum_v<T> || Strong<T>;

template <Scalar T>
std::uint64_t scalar_bits(const T& v) {
    if constexpr (Strong<T>) {
        return zigzag(static_cast<std::int64_t>(inner(v)));
    } else {
        return zigzag(static_cast<std::int64_t>(v));
    }
}
template <Scalar T>
void scalar_from(T& v, std::uint64_t bits) {
    if constexpr (Strong<T>) {
        auto& slot = inner(v);
        slot = static_cast<std::remove_cvref_t<decltype(slot)>>(unzigzag(bits));
    } else {
        v = static_cast<T>(unzigzag(bits));
    }
}

}  // namespace record_detail

class RecordWriter {
  public:
    template <class T>
    void operator()(int field, const T& value) {
        using namespace record_detail;
        if constexpr (requires {
                          value.has_value();
                          *value;
                      }) {
            if (!value) return;
            (*this)(field, *value);
        } else if constexpr (Scalar<T>) {
            put_varint(out_, static_cast<std::uint64_t>(field) << 1);
            put_varint(out_, scalar_bits(value));
        } else {
            std::string body;
            put(body, value);
            put_varint(out_, static_cast<std::uint64_t>(field) << 1 | 1);
            put_varint(out_, body.size());
            out_ += body;
        }
    }
    std::string take() { return std::move(out_); }

  private:
    template <class T>
    static void put_item(std::string& out, const T& value) {
        using namespace record_detail;
        if constexpr (Scalar<T>) {
            put_varint(out, scalar_bits(value));
        } else {
            std::string body;
            put(body, value);
            put_varint(out, body.size());
            out += body;
        }
    }
    static void put(std::string& out, const std::string& value) { out = value; }
    template <class T>
    static void put(std::string& out, const std::vector<T>& values) {
        for (const T& value : values)
            put_item(out, value);
    }
    template <class K, class V>
    static void put(std::string& out, const std::map<K, V>& values) {
        for (const auto& [key, value] : values) {
            put_item(out, key);
            put_item(out, value);
        }
    }
    template <class... Ts>
    static void put(std::string& out, const std::variant<Ts...>& value) {
        std::visit(
            [&out](const auto& alternative) {
                using T = std::remove_cvref_t<decltype(alternative)>;
                record_detail::put_varint(out, static_cast<std::uint64_t>(T::kTag));
                std::string body;
                put(body, alternative);
                out += body;
            },
            value);
    }
    template <record_detail::Described T>
    static void put(std::string& out, const T& value) {
        RecordWriter nested;
        T::describe(value, nested);
        out = nested.take();
    }

    std::string out_;
};

class RecordReader {
  public:
    explicit RecordReader(std::string_view in);
    // False once anything was malformed.
    bool is_sound() const { return sound_; }

    template <class T>
    void operator()(int field, T& value) {
        using namespace record_detail;
        if constexpr (requires {
                          value.has_value();
                          value.emplace();
                      }) {
            if (!has(field)) {
                value.reset();
                return;
            }
            (*this)(field, value.emplace());
        } else if constexpr (Scalar<T>) {
            const auto found = scalars_.find(field);
            if (found != scalars_.end()) scalar_from(value, found->second);
        } else {
            const auto found = slices_.find(field);
            if (found != slices_.end()) sound_ = get(found->second, value) && sound_;
        }
    }

  private:
    bool has(int field) const { return scalars_.contains(field) || slices_.contains(field); }

    template <class T>
    static bool get_item(std::string_view& in, T& value) {
        using namespace record_detail;
        if constexpr (Scalar<T>) {
            std::uint64_t bits = 0;
            if (!get_varint(in, bits)) return false;
            scalar_from(value, bits);
            return true;
        } else {
            std::string_view slice;
            return get_slice(in, slice) && get(slice, value);
        }
    }
    static bool get(std::string_view in, std::string& value) {
        value.assign(in);
        return true;
    }
    template <class T>
    static bool get(std::string_view in, std::vector<T>& values) {
        values.clear();
        while (!in.empty()) {
            if (!get_item(in, values.emplace_back())) return false;
        }
        return true;
    }
    template <class K, class V>
    static bool get(std::string_view in, std::map<K, V>& values) {
        values.clear();
        while (!in.empty()) {
            K key{};
            V value{};
            if (!get_item(in, key) || !get_item(in, value)) return false;
            values.emplace(std::move(key), std::move(value));
        }
        return true;
    }
    template <class... Ts>
    static bool get(std::string_view in, std::variant<Ts...>& value) {
        std::uint64_t tag = 0;
        if (!record_detail::get_varint(in, tag)) return false;
        return (get_alternative<Ts>(in, tag, value) || ...);
    }
    template <class T, class Variant>
    static bool get_alternative(std::string_view in, std::uint64_t tag, Variant& value) {
        if (tag != static_cast<std::uint64_t>(T::kTag)) return false;
        return get(in, value.template emplace<T>());
    }
    template <record_detail::Described T>
    static bool get(std::string_view in, T& value) {
        RecordReader nested(in);
        T::describe(value, nested);
        return nested.is_sound();
    }

    std::map<int, std::uint64_t> scalars_;
    std::map<int, std::string_view> slices_;
    bool sound_ = true;
};

template <record_detail::Described T>
std::string to_record(const T& value) {
    RecordWriter writer;
    T::describe(value, writer);
    return writer.take();
}

template <record_detail::Described T>
Result<T> from_record(std::string_view bytes) {
    RecordReader reader(bytes);
    T value;
    if (reader.is_sound()) T::describe(value, reader);
    if (!reader.is_sound()) return Error{ErrorCode::kCorrupt, "stored record is malformed"};
    return value;
}

}  // namespace herder
