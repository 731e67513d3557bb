#pragma once
// What belongs to the renter's account besides its machines and its money: keys with scopes, ssh
// keys, secrets, templates, webhooks and settings. Pure data with the rules of adding and removing.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

constexpr std::int64_t kUserId = 123456;

struct ApiKey {
    std::int64_t id = 0;
    std::string name;
    std::string key;
    Json permissions;  // {"api": {"<group>": {}}}; null: everything (the account's main key)
    WallTime created;

    // `endpoint` is the route's name in narrowed permissions, `id` the number in its path.
    bool allows(std::string_view group, std::string_view endpoint, std::int64_t id_in_path) const;
};

struct SshKey {
    std::int64_t id = 0;
    std::string text;
    WallTime created;
};

struct Template {
    std::int64_t id = 0;
    std::string hash;
    Json fields;
    WallTime created;
};

struct Webhook {
    std::int64_t id = 0;
    std::string name;
    std::string url;
    std::vector<std::string> events;  // "client:outbid"
    std::string secret;
    WallTime created;
    WallTime updated;
};

class Account {
  public:
    Account(std::string main_key, WallTime now);

    const ApiKey* find_key(const std::string& key) const;
    ApiKey& add_key(std::string name, Json permissions, WallTime now);
    bool remove_key(std::int64_t id);
    void reset_main_key();
    const std::vector<ApiKey>& keys() const { return keys_; }

    std::int64_t next_id() { return next_id_++; }
    std::string random_hex(int digits);

    std::vector<SshKey> ssh_keys;
    std::map<std::string, std::string> secrets;
    std::vector<Template> templates;
    std::vector<Webhook> webhooks;
    // "outbid" -> webhooks wanted; absent: as the webhooks' own event types say.
    std::map<std::string, bool> webhook_preferences;
    Json settings = Json::object();  // what PUT /users/ has set

  private:
    std::vector<ApiKey> keys_;
    std::int64_t next_id_ = 900;
    RandomStream draws_;
};

}  // namespace herder::vastsim
