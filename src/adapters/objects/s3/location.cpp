#include "adapters/objects/s3/location.h"

#include <algorithm>

#include "adapters/objects/remote/safe_address.h"
#include "ports/object_key.h"

namespace herder::s3 {

namespace {

constexpr std::string_view kAmazonScheme = "s3://";
constexpr std::string_view kGoogleScheme = "gs://";
constexpr const char* kGoogleEndpoint = "https://storage.googleapis.com";

Error wrong(const std::string& text, const std::string& why) {
    return invalid("the storage '" + text + "' " + why +
                   "; write s3://BUCKET/PREFIX, and for other homes than AWS "
                   "?endpoint=https://HOST after it, or gs://BUCKET/PREFIX for Google");
}

bool is_bucket_name(const std::string& name) {
    const auto is_good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_' || (c >= 'A' && c <= 'Z');
    };
    return name.size() >= 1 && name.size() <= 255 && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), is_good);
}

Status apply(const std::string& text, const http::Query& query, Location& location) {
    for (const auto& [name, value] : query) {
        if (name == "endpoint") {
            if (!set_endpoint(location, value))
                return wrong(text, "has the endpoint '" + value + "', which is no " +
                                       (location.is_google() ? "https" : "http(s)") + "://HOST");
        } else if (name == "region") {
            location.region = value;
        } else if (name == "addressing" && value == "path") {
            location.addressing = Addressing::kPath;
        } else if (name == "addressing" && value == "host") {
            location.addressing = Addressing::kVirtualHost;
        } else {
            return wrong(text, "has '" + name + "=" + value + "', which nothing knows");
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

Result<Location> parse_location(const std::string& text) {
    const bool is_google = text.starts_with(kGoogleScheme);
    if (!is_google && !text.starts_with(kAmazonScheme))
        return wrong(text, "does not begin with s3://");
    const std::size_t mark = std::min(text.find('?'), text.size());
    const std::string place = text.substr(kAmazonScheme.size(), mark - kAmazonScheme.size());
    const std::size_t slash = std::min(place.find('/'), place.size());
    Location location;
    location.dialect = is_google ? Dialect::kGoogle : Dialect::kAmazon;
    location.bucket = place.substr(0, slash);
    if (!is_bucket_name(location.bucket)) return wrong(text, "names no bucket");
    std::string prefix = place.substr(std::min(slash + 1, place.size()));
    while (prefix.ends_with('/'))
        prefix.pop_back();
    if (!prefix.empty()) {
        if (!parse_object_key(prefix))
            return wrong(text, "has a prefix with other characters than A-Z a-z 0-9 . _ - /");
        location.prefix = prefix + "/";
    }
    const auto query =
        http::Query::parse(std::string_view(text).substr(std::min(mark + 1, text.size())));
    if (!query) return query.error();
    if (auto applied = apply(text, *query, location); !applied) return applied.error();
    return location;
}

std::string to_text(const Location& location) {
    std::string text =
        std::string(location.is_google() ? kGoogleScheme : kAmazonScheme) + location.bucket;
    if (!location.prefix.empty())
        text += "/" + location.prefix.substr(0, location.prefix.size() - 1);
    http::Query query;
    if (!location.endpoint.empty()) query.add("endpoint", location.endpoint);
    if (!location.region.empty()) query.add("region", location.region);
    if (location.addressing == Addressing::kPath) query.add("addressing", "path");
    if (location.addressing == Addressing::kVirtualHost) query.add("addressing", "host");
    return query.empty() ? text : text + "?" + query.text();
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
