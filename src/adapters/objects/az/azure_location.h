#pragma once
// Where a container of Azure Blob Storage is. Values only.
#include <string>

#include "adapters/http/url.h"
#include "base/bucket_address.h"
#include "base/result.h"

namespace herder::az {

struct Location {
    std::string account;
    std::string container;
    std::string prefix;  // before every key: empty, or ends with a slash
    std::string
        endpoint;  // "https://account.blob.core.windows.net"; empty: Azure's for the account

    bool operator==(const Location&) const = default;
};

bool is_azure(const std::string& text);  // az://... or an https address of Azure's
// "az://account/container/prefix?endpoint=https://...". kInvalid says how to write it.
Result<Location> parse_location(const std::string& text);
// The container alone: without a prefix, whatever the address's key is.
Result<Location> container_of(const BucketAddress& address);
Status set_endpoint(Location& location, const std::string& endpoint);
// The same text again. Holds no secret.
std::string to_text(const Location& location);

struct Address {
    http::Url origin;
    std::string path;  // encoded, as on the wire
};
// `container` and `blob` may be empty: the account, the container. Where the endpoint's host does
// not name the account, as emulators' do, the path does.
Result<Address> address_of(const Location& location, const std::string& container,
                           const std::string& blob);

}  // namespace herder::az
