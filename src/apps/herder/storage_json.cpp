#include <boost/json.hpp>

#include "storage.h"

namespace herder {

namespace json = boost::json;

std::string to_json(const StorageRecord& record) {
    json::object object{{"format", 1},
                        {"name", record.name},
                        {"location", record.location},
                        {"aws_profile", record.profile},
                        {"abilities", json::parse(remote::to_json(record.abilities))}};
    if (record.route) {
        object["region"] = record.route->region;
        object["by_host"] = record.route->by_host;
    }
    if (!record.owner.empty()) object["server"] = record.owner;
    if (!record.roots_pem.empty()) object["roots_pem"] = record.roots_pem;
    return json::serialize(object);
}

Result<StorageRecord> parse_storage(const std::string& text) {
    boost::system::error_code failed;
    const json::value value = json::parse(text, failed);
    const Error unreadable{
        ErrorCode::kCorrupt,
        "the record of a storage is not readable; herder storage add makes it anew"};
    if (failed || !value.is_object()) return unreadable;
    const json::object& object = value.get_object();
    const auto text_of = [&object](const char* name) {
        const json::value* found = object.if_contains(name);
        return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
    };
    const json::value* abilities = object.if_contains("abilities");
    if (abilities == nullptr || text_of("location").empty()) return unreadable;
    auto known = remote::parse_abilities(json::serialize(*abilities));
    if (!known) return known.error();
    StorageRecord record{text_of("name"),   text_of("location"), text_of("aws_profile"), *known, {},
                         text_of("server"), text_of("roots_pem")};
    const json::value* by_host = object.if_contains("by_host");
    if (by_host != nullptr && by_host->is_bool())
        record.route = s3::Route{text_of("region"), by_host->get_bool()};
    return record;
}

}  // namespace herder
