#include "adapters/objects/az/azure_location.h"

#include "adapters/objects/remote/key_prefix.h"

namespace herder::az {

namespace {

Error wrong(const BucketAddress& address, const std::string& why) {
    return invalid("the storage '" + to_text(address) + "' " + why +
                   "; write az://ACCOUNT/CONTAINER/PREFIX");
}

}  // namespace

bool is_azure(const std::string& text) {
    const auto address = parse_bucket_address(text);
    return address && address->scheme == BucketScheme::kAzure;
}

Status set_endpoint(Location& location, const std::string& endpoint) {
    const auto url = http::parse_url(endpoint);
    const bool is_origin = url && (url->target == "/" || url->target == "/" + location.account);
    if (!is_origin) return invalid("the endpoint '" + endpoint + "' is no http(s)://HOST");
    location.endpoint = url->origin();
    return ok();
}

Result<Location> container_of(const BucketAddress& address) {
    if (address.scheme != BucketScheme::kAzure) return wrong(address, "is no container of Azure's");
    Location location;
    location.account = address.account;
    location.container = address.bucket;
    const auto query = http::Query::parse(address.settings);
    if (!query) return query.error();
    for (const auto& [name, value] : *query) {
        if (name != "endpoint" || !set_endpoint(location, value))
            return wrong(address, "has '" + name + "=" + value + "', which nothing knows");
    }
    return location;
}

Result<Location> parse_location(const std::string& text) {
    return remote::parse_with_prefix(text, container_of);
}

std::string to_text(const Location& location) {
    http::Query query;
    if (!location.endpoint.empty()) query.add("endpoint", location.endpoint);
    const BucketAddress address{.scheme = BucketScheme::kAzure,
                                .account = location.account,
                                .bucket = location.container,
                                .settings = query.text()};
    return to_text(remote::with_prefix(address, location.prefix));
}

Result<Address> address_of(const Location& location, const std::string& container,
                           const std::string& blob) {
    const std::string endpoint = location.endpoint.empty()
                                     ? "https://" + location.account + ".blob.core.windows.net"
                                     : location.endpoint;
    const auto url = http::parse_url(endpoint);
    if (!url) return url.error();
    Address address;
    address.origin = *url;
    address.origin.target = "/";
    if (!url->host.starts_with(location.account + ".")) address.path = "/" + location.account;
    address.path += "/" + container;
    if (!blob.empty()) address.path += "/" + http::percent_encode_path(blob);
    return address;
}

}  // namespace herder::az
