#pragma once
// The account's key as Azure's own tools find it in the environment
// (learn.microsoft.com/cli/azure/azure-cli-configuration, November 2026), and what stands for one.
#include <functional>
#include <optional>
#include <string>

#include "adapters/objects/az/azure_location.h"

namespace herder::az {

// An application of Entra ID with a secret.
struct Principal {
    std::string tenant;
    std::string client_id;
    std::string secret;
    std::string authority;  // "https://login.microsoftonline.com"
    bool operator==(const Principal&) const = default;
};

struct Credentials {
    std::string account;
    std::string key;       // raw bytes; empty: there is only a SAS
    std::string sas;       // a query without its question mark; empty where there is a key
    std::string endpoint;  // that a connection string names; empty: none
    std::optional<Principal> principal{};  // only where there is neither key nor SAS
    bool operator==(const Credentials&) const = default;
};

using Variable = std::function<std::optional<std::string>(const std::string& name)>;

// AZURE_STORAGE_CONNECTION_STRING, else AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or
// AZURE_STORAGE_SAS_TOKEN, else AZURE_TENANT_ID with AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.
// kUnauthenticated says what to set; kInvalid: it is another account's.
Result<Credentials> find_credentials(const Variable& variable, const Location& location);

}  // namespace herder::az
