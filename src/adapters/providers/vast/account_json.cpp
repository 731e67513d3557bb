#include "adapters/providers/vast/account_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::size_t kNameLengthMax = 255;

std::optional<Usd> amount_of(const json::object& object, const char* name) {
    const auto micros = get_scaled(object, name, kMicro);
    if (!micros) return std::nullopt;
    return Usd{*micros};
}

// {"instance_read":{}, "instance_write":{"api.instance.destroy":{...}}}: an empty object is the
// whole category.
void read_categories(const json::object& categories, KeyRights& rights) {
    rights.is_known = true;
    for (const auto& [name, value] : categories) {
        const bool narrowed = value.is_object() && !value.get_object().empty();
        rights.categories[one_line(std::string_view(name), 64)] = !narrowed;
    }
}

// Under "permissions" in the answer to a new key, under "rights" in the list; there also as text.
KeyRights rights_of(const json::object& row) {
    KeyRights rights;
    for (const char* name : {"permissions", "rights"}) {
        const json::value* field = find_field(row, name);
        if (field == nullptr) continue;
        json::value document = *field;
        if (field->is_string()) {
            json::error_code ec;
            document = json::parse(std::string_view(field->get_string()), ec);
            if (ec) continue;
        }
        if (!document.is_object()) continue;
        const json::value* api = find_field(document.get_object(), "api");
        if (api == nullptr || !api->is_object()) continue;
        read_categories(api->get_object(), rights);
        return rights;
    }
    return rights;
}

AccountKey key_of(const json::object& row) {
    AccountKey key;
    key.id = get_integer(row, "id").value_or(0);
    key.name = get_line(row, "name");
    key.team = get_line(row, "team_name");
    key.rights = rights_of(row);
    return key;
}

Result<std::string> encode_key(const std::string& name, json::object categories) {
    if (name.empty() || name.size() > kNameLengthMax) {
        return invalid("a key's name has 1 to 255 characters");
    }
    json::object permissions;
    permissions["api"] = std::move(categories);
    json::object body;
    body["name"] = name;
    body["permissions"] = std::move(permissions);
    return json::serialize(body);
}

}  // namespace

Result<UserInfo> parse_user(std::string_view body) {
    UserInfo user;
    const Status read = read_object(body, "account", [&user](const json::object& object) -> Status {
        const auto credit = amount_of(object, "credit");
        if (!credit) return Error{ErrorCode::kCorrupt, "the market's answer holds no account"};
        user.credit = *credit;
        user.balance = amount_of(object, "balance").value_or(Usd{});
        user.id = get_integer(object, "id").value_or(0);
        user.key = get_integer(object, "key_id").value_or(0);
        user.email = get_line(object, "email");
        for (const char* name : {"username", "email", "id"}) {
            if (user.name.empty()) user.name = get_line(object, name);
        }
        if (get_bool(object, "balance_threshold_enabled") != false) {
            user.warn_below = amount_of(object, "balance_threshold");
        }
        user.tops_up_by = amount_of(object, "autobill_amount");
        user.has_two_factors = get_bool(object, "tfa_enabled").value_or(false);
        return ok();
    });
    if (!read) return read.error();
    return user;
}

AccountInfo to_account(const UserInfo& user) {
    return {.user = user.name, .credit = user.credit};
}

Result<std::vector<std::string>> parse_secret_names(std::string_view body) {
    std::vector<std::string> names;
    const Status read = read_object(body, "secrets", [&](const json::object& object) -> Status {
        const json::value* secrets = find_field(object, "secrets");
        if (secrets == nullptr) return ok();
        if (!secrets->is_object()) {
            return Error{ErrorCode::kCorrupt, "the market's answer holds no secrets"};
        }
        for (const auto& secret : secrets->get_object())
            names.push_back(one_line(std::string_view(secret.key())));
        return ok();
    });
    if (!read) return read.error();
    return names;
}

const std::vector<std::string>& needed_rights() {
    static const std::vector<std::string> names = {"misc", "instance_read", "instance_write",
                                                   "user_read", "billing_read"};
    return names;
}

std::vector<std::string> find_missing_rights(const KeyRights& rights) {
    std::vector<std::string> missing;
    if (!rights.is_known) return missing;
    for (const std::string& name : needed_rights()) {
        const auto at = rights.categories.find(name);
        if (at == rights.categories.end() || !at->second) missing.push_back(name);
    }
    return missing;
}

std::vector<std::string> find_spare_rights(const KeyRights& rights) {
    std::vector<std::string> spare;
    const auto& needed = needed_rights();
    for (const auto& [name, whole] : rights.categories) {
        if (std::find(needed.begin(), needed.end(), name) == needed.end()) spare.push_back(name);
    }
    return spare;
}

Result<std::vector<AccountKey>> parse_account_keys(std::string_view body) {
    std::vector<AccountKey> keys;
    const Status read =
        read_rows(body, "apikeys", "account keys", [&keys](const json::object& row) -> Status {
            keys.push_back(key_of(row));
            return ok();
        });
    if (!read) return read.error();
    return keys;
}

Result<AccountKey> parse_account_key(std::string_view body) {
    AccountKey key;
    const Status read = read_object(body, "account key", [&key](const json::object& object) {
        key = key_of(object);
        return ok();
    });
    if (!read) return read.error();
    return key;
}

Result<std::string> encode_new_key(const std::string& name,
                                   const std::vector<std::string>& categories) {
    if (categories.empty()) return invalid("a key without a permission is of no use");
    json::object api;
    for (const std::string& category : categories)
        api[category] = json::object();
    return encode_key(name, std::move(api));
}

Result<std::string> encode_machine_key(const std::string& name, ContractId contract) {
    if (contract.value <= 0) return invalid("a machine's key needs a machine");
    const auto only = [contract](std::initializer_list<const char*> endpoints) {
        json::object calls;
        for (const char* endpoint : endpoints) {
            const json::object id{{"eq", contract.value}};
            calls[endpoint] = json::object{{"constraints", json::object{{"id", id}}}};
        }
        return calls;
    };
    json::object api;
    api["instance_read"] = only({"api.instance.show", "api.instance.request_logs"});
    api["instance_write"] = only({"api.instance.destroy", "api.instance.reboot"});
    return encode_key(name, std::move(api));
}

Result<NewKey> parse_new_key(std::string_view body) {
    NewKey key;
    const Status read = read_object(body, "new key", [&key](const json::object& object) -> Status {
        key.id = get_integer(object, "id").value_or(0);
        key.key = trimmed(get_text(object, "key"));
        if (key.id <= 0 || key.key.empty()) {
            return Error{ErrorCode::kCorrupt, "the market's answer holds no new key"};
        }
        return ok();
    });
    if (!read) return read.error();
    return key;
}

}  // namespace herder::vast
