#include "vastsim/account.h"

#include <algorithm>

namespace herder::vastsim {

namespace {

// {"id": {"eq": 1227}}; only the number of the path can be constrained here.
bool meets(const Json* constraints, std::int64_t id) {
    const Json* on_id = constraints ? constraints->find("id") : nullptr;
    const Json::Object* operators = on_id ? on_id->if_object() : nullptr;
    if (operators == nullptr) return true;
    return std::all_of(operators->begin(), operators->end(), [id](const auto& condition) {
        const std::int64_t limit = condition.second.to_integer().value_or(0);
        if (condition.first == "eq") return id == limit;
        if (condition.first == "lte") return id <= limit;
        return condition.first == "gte" && id >= limit;
    });
}

}  // namespace

bool ApiKey::allows(std::string_view group, std::string_view endpoint,
                    std::int64_t id_in_path) const {
    if (permissions.is_null()) return true;
    const Json* api = permissions.find("api");
    const Json* granted = api ? api->find(group) : nullptr;
    if (granted == nullptr) return false;
    const Json::Object* narrowed = granted->if_object();
    if (narrowed == nullptr || narrowed->empty()) return true;
    const Json* rule = granted->find(endpoint);
    return rule != nullptr && meets(rule->find("constraints"), id_in_path);
}

Account::Account(std::string main_key, WallTime now) : draws_(1, "account") {
    keys_.push_back({.id = 987,
                     .name = "main",
                     .key = std::move(main_key),
                     .permissions = Json(),
                     .created = now});
    ssh_keys.push_back({.id = 501, .text = "ssh-ed25519 AAAA vastsim", .created = now});
}

const ApiKey* Account::find_key(const std::string& key) const {
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const ApiKey& k) { return k.key == key; });
    return found == keys_.end() ? nullptr : &*found;
}

ApiKey& Account::add_key(std::string name, Json permissions, WallTime now) {
    keys_.push_back({.id = next_id(),
                     .name = std::move(name),
                     .key = "vast-" + random_hex(48),
                     .permissions = std::move(permissions),
                     .created = now});
    return keys_.back();
}

bool Account::remove_key(std::int64_t id) {
    return std::erase_if(keys_, [id](const ApiKey& k) { return k.id == id; }) > 0;
}

void Account::reset_main_key() {
    keys_.front().key = random_hex(64);
}

std::string Account::random_hex(int digits) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (int i = 0; i < digits; ++i)
        out.push_back(kDigits[draws_.below(16)]);
    return out;
}

}  // namespace herder::vastsim
