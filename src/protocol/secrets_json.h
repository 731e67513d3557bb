#pragma once
// What an agent gets for POST kAgentSecrets: the secrets that its job names. The one document with
// secrets inside; it travels over the agents' listener only, which always speaks TLS.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::protocol {

constexpr std::size_t kSecretsSizeMax = 16 << 20;

struct GivenSecret {
    std::string name;  // of the file, and of the variable
    std::string value;
    bool in_env = false;
    bool operator==(const GivenSecret&) const = default;
};
struct SecretsResponse {
    std::vector<GivenSecret> secrets;
    bool operator==(const SecretsResponse&) const = default;
};

std::string to_json(const SecretsResponse& response);
Result<SecretsResponse> parse_secrets_response(std::string_view text);

}  // namespace herder::protocol
