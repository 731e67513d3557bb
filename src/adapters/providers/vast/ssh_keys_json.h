#pragma once
// Public ssh keys of the account, which new machines get, and of one machine.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::vast {

struct SshKey {
    std::int64_t id = 0;
    std::string text;  // "ssh-ed25519 AAAA... name"
    bool operator==(const SshKey&) const = default;
};
Result<std::vector<SshKey>> parse_ssh_keys(std::string_view body);
Result<SshKey> parse_added_ssh_key(std::string_view body);

// Refuses what is no public key: the market stores anything, a file's path too.
Result<std::string> encode_ssh_key(const std::string& text);

}  // namespace herder::vast
