#include "protocol/value_json.h"

#include <boost/json.hpp>

#include "base/assert.h"
#include "base/utf8.h"

namespace herder::protocol {
namespace {

namespace bj = boost::json;

bj::value to_boost(const Json& value);

struct ToBoost {
    bj::value operator()(std::monostate) const { return nullptr; }
    bj::value operator()(bool v) const { return v; }
    bj::value operator()(std::int64_t v) const { return v; }
    bj::value operator()(std::uint64_t v) const { return v; }
    bj::value operator()(double v) const { return v; }
    // What programs print, how files are named, and what was cut may be no UTF-8, and then no
    // reader takes the document.
    bj::value operator()(const std::string& v) const { return bj::value(bj::string(to_utf8(v))); }
    bj::value operator()(const Json::Array& items) const {
        bj::array made;
        made.reserve(items.size());
        for (const Json& item : items)
            made.push_back(to_boost(item));
        return made;
    }
    bj::value operator()(const Json::Object& members) const {
        bj::object made;
        made.reserve(members.size());
        for (const auto& [key, member] : members)
            made.insert_or_assign(to_utf8(key), to_boost(member));
        return made;
    }
};

bj::value to_boost(const Json& value) {
    return value.visit(ToBoost{});
}

Json from_boost(const bj::value& value) {
    switch (value.kind()) {
        case bj::kind::null:
            return {};
        case bj::kind::bool_:
            return Json(value.get_bool());
        case bj::kind::int64:
            return Json(std::int64_t{value.get_int64()});
        case bj::kind::uint64:
            return Json(std::uint64_t{value.get_uint64()});
        case bj::kind::double_:
            return Json(value.get_double());
        case bj::kind::string:
            return Json(std::string(value.get_string()));
        case bj::kind::array: {
            Json::Array items;
            items.reserve(value.get_array().size());
            for (const bj::value& item : value.get_array())
                items.push_back(from_boost(item));
            return Json(std::move(items));
        }
        case bj::kind::object: {
            Json::Object members;
            members.reserve(value.get_object().size());
            for (const auto& member : value.get_object())
                members.emplace_back(std::string(member.key()), from_boost(member.value()));
            return Json(std::move(members));
        }
    }
    return {};
}

}  // namespace

const Json* Json::find(std::string_view key) const {
    const Object* members = if_object();
    if (members == nullptr) return nullptr;
    for (const auto& [name, value] : *members) {
        if (name == key) return &value;
    }
    return nullptr;
}

Json& Json::set(std::string key, Json value) {
    if (is_null()) value_ = Object{};
    auto* members = std::get_if<Object>(&value_);
    HERDER_ASSERT(members != nullptr);
    members->emplace_back(std::move(key), std::move(value));
    return *this;
}

Json& Json::push(Json value) {
    if (is_null()) value_ = Array{};
    auto* items = std::get_if<Array>(&value_);
    HERDER_ASSERT(items != nullptr);
    items->push_back(std::move(value));
    return *this;
}

std::string Json::to_text() const {
    return bj::serialize(to_boost(*this));
}

Result<Json> parse_json(std::string_view text, std::size_t size_limit) {
    if (text.size() > size_limit) {
        return invalid("the document is longer than " + std::to_string(size_limit) + " bytes");
    }
    boost::system::error_code error;
    const bj::value value = bj::parse(bj::string_view(text.data(), text.size()), error);
    if (error) return invalid("no valid JSON: " + error.message());
    return from_boost(value);
}

}  // namespace herder::protocol
