#include <boost/json.hpp>

#include "adapters/objects/remote/abilities.h"

namespace herder::remote {

namespace json = boost::json;

namespace {

constexpr int kFormat = 1;

const char* word_of(PutIfAbsent kind) {
    switch (kind) {
        case PutIfAbsent::kNone:
            return "none";
        case PutIfAbsent::kHeader:
            return "header";
        case PutIfAbsent::kGoogleHeader:
            return "google-header";
    }
    return "none";
}

PutIfAbsent kind_of(std::string_view word) {
    if (word == "header") return PutIfAbsent::kHeader;
    if (word == "google-header") return PutIfAbsent::kGoogleHeader;
    return PutIfAbsent::kNone;
}

bool truth(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::string text(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t number(const json::object& object, const char* name, std::int64_t otherwise) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : otherwise;
}

}  // namespace

std::string to_json(const Abilities& a) {
    return json::serialize(json::object{{"format", kFormat},
                                        {"provider", a.provider},
                                        {"probed", a.probed},
                                        {"put_if_absent", word_of(a.put_if_absent)},
                                        {"multipart", a.multipart},
                                        {"checksums", a.checksums},
                                        {"part_checksums", a.part_checksums},
                                        {"signed_size", a.signed_size},
                                        {"ranges", a.ranges},
                                        {"range_if_match", a.range_if_match},
                                        {"lists_at_once", a.lists_at_once},
                                        {"complete_repeats", a.complete_repeats},
                                        {"equal_parts", a.equal_parts},
                                        {"part_size_min", a.part_size_min.count},
                                        {"parts_max", a.parts_max}});
}

Result<Abilities> parse_abilities(std::string_view document) {
    boost::system::error_code failed;
    const json::value value = json::parse({document.data(), document.size()}, failed);
    if (failed || !value.is_object() || number(value.get_object(), "format", 0) != kFormat) {
        return Error{ErrorCode::kCorrupt,
                     "the record of what the storage can do is not readable; run herder storage "
                     "probe again"};
    }
    const json::object& object = value.get_object();
    Abilities a;
    a.provider = text(object, "provider");
    a.probed = text(object, "probed");
    a.put_if_absent = kind_of(text(object, "put_if_absent"));
    a.multipart = truth(object, "multipart");
    a.checksums = truth(object, "checksums");
    a.part_checksums = truth(object, "part_checksums");
    a.signed_size = truth(object, "signed_size");
    a.ranges = truth(object, "ranges");
    a.range_if_match = truth(object, "range_if_match");
    a.lists_at_once = truth(object, "lists_at_once");
    a.complete_repeats = truth(object, "complete_repeats");
    a.equal_parts = truth(object, "equal_parts");
    a.part_size_min = Bytes{number(object, "part_size_min", a.part_size_min.count)};
    a.parts_max = static_cast<int>(number(object, "parts_max", a.parts_max));
    return a;
}

// Limits from the providers' documentation, November 2026: R2 wants parts of one size.
Abilities preset_of(const std::string& provider) {
    Abilities preset;
    preset.provider = provider;
    preset.equal_parts = provider == "r2";
    return preset;
}

}  // namespace herder::remote
