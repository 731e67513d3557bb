#pragma once
// The account itself: who it is, what it has, and what its keys may do.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/provider.h"

namespace herder::vast {

struct UserInfo {
    std::int64_t id = 0;
    std::int64_t key = 0;  // of the key that asked
    std::string name;      // username, else email, else the id
    std::string email;
    Usd credit;                     // what can be spent
    Usd balance;                    // an older ledger: 0, or below when something is owed
    std::optional<Usd> warn_below;  // the account's own mark for low credit
    std::optional<Usd> tops_up_by;  // what the card pays in when that mark is passed
    bool has_two_factors = false;
    bool operator==(const UserInfo&) const = default;
};
Result<UserInfo> parse_user(std::string_view body);
AccountInfo to_account(const UserInfo& user);

// Names of the account's variables, which go to every machine that it rents. Values are masked by
// the market and not read.
Result<std::vector<std::string>> parse_secret_names(std::string_view body);

// Permissions of a key, by category ("instance_write").
struct KeyRights {
    bool is_known = false;  // false: the market told them in a form that we do not know
    // True where the whole category is given, false where only some of its calls are.
    std::map<std::string, bool> categories;
    bool operator==(const KeyRights&) const = default;
};

// What Herder needs, and no more (API reference, section 1.4).
const std::vector<std::string>& needed_rights();
std::vector<std::string> find_missing_rights(const KeyRights& rights);
// What the key may do beyond that.
std::vector<std::string> find_spare_rights(const KeyRights& rights);

struct AccountKey {
    std::int64_t id = 0;
    std::string name;
    std::string team;  // empty: the personal account
    KeyRights rights;
    bool operator==(const AccountKey&) const = default;
};
Result<std::vector<AccountKey>> parse_account_keys(std::string_view body);
Result<AccountKey> parse_account_key(std::string_view body);

// A key with these categories whole; with a contract, one that can only show, reboot, destroy and
// read the logs of that machine.
Result<std::string> encode_new_key(const std::string& name,
                                   const std::vector<std::string>& categories);
Result<std::string> encode_machine_key(const std::string& name, ContractId contract);
struct NewKey {
    std::int64_t id = 0;
    std::string key;  // a secret, shown this once
};
Result<NewKey> parse_new_key(std::string_view body);

}  // namespace herder::vast
