#include "adapters/objects/s3/location.h"

#include "adapters/objects/remote/key_prefix.h"
#include "adapters/objects/remote/safe_address.h"

namespace herder::s3 {

namespace {

constexpr const char* kGoogleEndpoint = "https://storage.googleapis.com";

Error wrong(const BucketAddress& address, const std::string& why) {
    return invalid("the storage '" + to_text(address) + "' " + why +
                   "; write s3://BUCKET/PREFIX, and for other homes than AWS "
                   "?endpoint=https://HOST after it, or gs://BUCKET/PREFIX for Google");
}

Status apply(const BucketAddress& address, const http::Query& query, Location& location) {
    for (const auto& [name, value] : query) {
        if (name == "endpoint") {
            if (!set_endpoint(location, value))
                return wrong(address, "has the endpoint '" + value + "', which is no " +
                                          (location.is_google() ? "https" : "http(s)") + "://HOST");
        } else if (name == "region") {
            location.region = value;
        } else if (name == "addressing" && value == "path") {
            location.addressing = Addressing::kPath;
        } else if (name == "addressing" && value == "host") {
            location.addressing = Addressing::kVirtualHost;
        } else {
            return wrong(address, "has '" + name + "=" + value + "', which nothing knows");
        }
    }
    return ok();
}

}  // namespace

Status set_endpoint(Location& location, const std::string& endpoint) {
    const auto url = http::parse_url(endpoint);
    if (!url || url->target != "/")
        return invalid("the endpoint '" + endpoint + "' is no http(s)://HOST");
    // Each request carries a token, where Amazon's carry a signature of that one request.
    if (location.is_google() && !remote::keeps_secrets(*url))
        return invalid("the endpoint '" + endpoint + "' of gs:// is no https://HOST");
    location.endpoint = url->origin();
    return ok();
}

Result<Location> bucket_of(const BucketAddress& address) {
    if (address.scheme == BucketScheme::kAzure) return wrong(address, "is no bucket");
    Location location;
    const bool is_google = address.scheme == BucketScheme::kGoogle;
    location.dialect = is_google ? Dialect::kGoogle : Dialect::kAmazon;
    location.bucket = address.bucket;
    const auto query = http::Query::parse(address.settings);
    if (!query) return query.error();
    if (auto applied = apply(address, *query, location); !applied) return applied.error();
    return location;
}

Result<Location> parse_location(const std::string& text) {
    return remote::parse_with_prefix(text, bucket_of);
}

std::string to_text(const Location& location) {
    http::Query query;
    if (!location.endpoint.empty()) query.add("endpoint", location.endpoint);
    if (!location.region.empty()) query.add("region", location.region);
    if (location.addressing == Addressing::kPath) query.add("addressing", "path");
    if (location.addressing == Addressing::kVirtualHost) query.add("addressing", "host");
    const BucketAddress address{
        .scheme = location.is_google() ? BucketScheme::kGoogle : BucketScheme::kAmazon,
        .bucket = location.bucket,
        .settings = query.text()};
    return to_text(remote::with_prefix(address, location.prefix));
}

Result<Address> address_of(const Location& location, const std::string& region, bool by_host,
                           const std::string& key) {
    std::string endpoint = location.endpoint;
    if (endpoint.empty()) {
        endpoint =
            location.is_google() ? kGoogleEndpoint : "https://s3." + region + ".amazonaws.com";
    }
    auto url = http::parse_url(endpoint);
    if (!url) return url.error();
    Address address;
    address.path = by_host ? "/" + key : "/" + location.bucket + (key.empty() ? "" : "/" + key);
    if (by_host) url->host = location.bucket + "." + url->host;
    url->target = "/";
    address.origin = *url;
    return address;
}

bool prefers_host(const Location& location) {
    return location.is_aws() && location.bucket.find('.') == std::string::npos;
}

std::string provider_of(const Location& location) {
    if (location.is_aws()) return "aws";
    if (location.is_google()) return "gcs";
    const auto url = http::parse_url(location.endpoint);
    const std::string host = url ? url->host : "";
    if (host.ends_with(".amazonaws.com")) return "aws";
    if (host == "storage.googleapis.com" || host.ends_with(".storage.googleapis.com")) return "gcs";
    if (host.ends_with(".r2.cloudflarestorage.com")) return "r2";
    if (host.ends_with(".backblazeb2.com")) return "b2";
    if (host.ends_with(".wasabisys.com")) return "wasabi";
    return "other";
}

}  // namespace herder::s3
