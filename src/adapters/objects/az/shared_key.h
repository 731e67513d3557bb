#pragma once
// Azure's signatures: Shared Key in the header of our own requests, and the shared access signature
// (SAS) of one blob for others (learn.microsoft.com/rest/api/storageservices/
// authorize-with-shared-key and .../create-service-sas, November 2026). Pure: the time comes in.
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace herder::az {

using Fields = std::vector<std::pair<std::string, std::string>>;

// The version of the service whose rules count, for requests and for SAS.
inline constexpr const char* kVersion = "2021-08-06";
// No limit of Azure's for keys; that of the other stores.
inline constexpr Duration kSasLifeMax = days(7);

struct Signable {
    std::string method = "GET";
    std::string path;  // encoded, as on the wire
    Fields query;      // decoded; each name once
    Fields headers;    // lower-case names
    std::size_t content_length = 0;
};

std::string string_to_sign(const Signable& request, const std::string& account);
// The value of "authorization". `key`: raw bytes.
std::string shared_key(const Signable& request, const std::string& account, const std::string& key);

// Signs as an account's key does, for an application (learn.microsoft.com/rest/api/
// storageservices/create-user-delegation-sas, November 2026). The texts are as Azure wrote them.
struct DelegationKey {
    std::string object;
    std::string tenant;
    std::string start;
    std::string expiry;
    std::string service;
    std::string version;
    std::string value;  // raw bytes
    WallTime expires;   // no URL lives longer
    bool operator==(const DelegationKey&) const = default;
};

struct SasWish {
    std::string account;
    std::string container;
    std::string blob;         // decoded
    std::string permissions;  // "r", "cw": in Azure's order
    WallTime expires;         // whole seconds count
    bool https_only = true;
};
std::string string_to_sign(const SasWish& wish);
// The query that is the SAS, encoded.
std::string make_sas(const SasWish& wish, const std::string& key);
std::string string_to_sign(const SasWish& wish, const DelegationKey& key);
std::string make_sas(const SasWish& wish, const DelegationKey& key);

}  // namespace herder::az
