#pragma once
// Where the Vast.ai account key comes from, in the order of the official client: the variable
// VAST_API_KEY, $XDG_CONFIG_HOME/vastai/vast_api_key, ~/.vast_api_key. The key itself is never
// printed.
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace herder::vast {

struct ApiKey {
    std::string key;
    std::string source;  // "VAST_API_KEY" or the file's path
    // The variable hides a different key that is stored in this file; empty: it does not.
    std::string hides;
};

using EnvironmentLookup = std::function<std::optional<std::string>(const char* name)>;

// kUnauthenticated with what to do when there is no key.
Result<ApiKey> find_api_key(const EnvironmentLookup& environment);

// From this one place, for an account that is kept apart from the others.
Result<ApiKey> read_key_variable(const std::string& name, const EnvironmentLookup& environment);
Result<ApiKey> read_key_file(const std::string& path);

}  // namespace herder::vast
