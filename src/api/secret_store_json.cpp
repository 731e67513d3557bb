// The store's two files: secrets.json
//   {"format":"herder-secrets/1","secrets":[{"name":..,"sealed":base64url,"updated_us":..}]}
// and secrets.key {"format":"herder-secrets-key/1","keys":[base64url,..]}, the newest first.
#include <boost/json.hpp>

#include "api/private_file.h"
#include "api/secret_store.h"
#include "base/bytes.h"
#include "base/sealed_text.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr char kFormat[] = "herder-secrets/1";
constexpr char kKeyFormat[] = "herder-secrets-key/1";

Error damaged(const std::string& path) {
    return {ErrorCode::kCorrupt, path +
                                     " is damaged; restore it from a backup, or delete it and "
                                     "secrets.json and store the secrets again"};
}

// The list `member` of a document of this format.
Result<json::array> read_list(const std::string& path, std::string_view format,
                              std::string_view member) {
    const Result<std::string> text = read_small_file(path);
    if (!text) return text.error();
    boost::system::error_code failed;
    const json::value document = json::parse(*text, failed);
    if (failed || !document.is_object()) return damaged(path);
    const json::value* said = document.as_object().if_contains("format");
    const json::value* list = document.as_object().if_contains(member);
    if (said == nullptr || list == nullptr || !list->is_array()) return damaged(path);
    if (*said != json::value(format)) {
        return Error{ErrorCode::kCorrupt,
                     path + " is of another version of this program; use that version"};
    }
    return list->as_array();
}

std::string text_at(const json::value& item, std::string_view member) {
    const json::object* object = item.if_object();
    const json::value* found = object == nullptr ? nullptr : object->if_contains(member);
    const bool is_text = found != nullptr && found->is_string();
    return is_text ? std::string(found->as_string()) : std::string();
}

}  // namespace

Status SecretStore::load_key() {
    const std::string path = options_.folder + "/secrets.key";
    const Result<json::array> list = read_list(path, kKeyFormat, "keys");
    if (!list && list.error().code == ErrorCode::kNotFound && !all_.empty()) {
        return Error{ErrorCode::kCorrupt,
                     path +
                         " is missing, which opens the stored secrets; restore it from a "
                         "backup, or delete secrets.json and store the secrets again"};
    }
    if (!list) return list.error().code == ErrorCode::kNotFound ? ok() : Status(list.error());
    for (const json::value& item : *list) {
        const bool is_text = item.is_string();
        const auto key = is_text ? from_base64url(std::string(item.as_string()))
                                 : Result<std::string>(damaged(path));
        if (!key || key->size() != kSealKeySize) return damaged(path);
        keys_.push_back(*key);
    }
    return keys_.empty() ? Status(damaged(path)) : ok();
}

Status SecretStore::load() {
    const std::string path = options_.folder + "/secrets.json";
    const Result<json::array> list = read_list(path, kFormat, "secrets");
    if (!list && list.error().code != ErrorCode::kNotFound) return list.error();
    for (const json::value& item : list ? *list : json::array()) {
        const std::string name = text_at(item, "name");
        const auto sealed = from_base64url(text_at(item, "sealed"));
        const json::value* time =
            item.is_object() ? item.as_object().if_contains("updated_us") : nullptr;
        if (!is_secret_name(name) || !sealed || time == nullptr || !time->is_int64())
            return damaged(path);
        all_[name] = {*sealed, WallTime{time->as_int64()}};
    }
    return load_key();
}

Status SecretStore::replace(All all) {
    json::array list;
    for (const auto& [name, sealed] : all) {
        list.push_back({{"name", name},
                        {"sealed", to_base64url(sealed.text)},
                        {"updated_us", sealed.updated.us}});
    }
    const json::value document{{"format", kFormat}, {"secrets", std::move(list)}};
    const Status written =
        write_private_file(options_.folder + "/secrets.json", json::serialize(document) + "\n");
    const std::lock_guard lock(mutex_);
    if (written) all_ = std::move(all);
    return written;
}

Status SecretStore::replace_keys(std::vector<std::string> keys) {
    json::array list;
    for (const std::string& key : keys)
        list.push_back(json::value(to_base64url(key)));
    const json::value document{{"format", kKeyFormat}, {"keys", std::move(list)}};
    const Status written =
        write_private_file(options_.folder + "/secrets.key", json::serialize(document) + "\n");
    const std::lock_guard lock(mutex_);
    if (written) keys_ = std::move(keys);
    return written;
}

}  // namespace herder::api
