#pragma once
// Where a bucket is: its endpoint, how it is addressed and in which region. Values only.
#include <string>

#include "adapters/http/url.h"
#include "base/bucket_address.h"
#include "base/result.h"

namespace herder::s3 {

enum class Addressing { kAuto, kPath, kVirtualHost };

// How requests are signed, and what the headers beyond plain S3 are called.
enum class Dialect { kAmazon, kGoogle };

struct Location {
    std::string bucket;
    std::string prefix;    // before every key: empty, or ends with a slash
    std::string endpoint;  // "https://minio.example.org:9000"; empty: AWS, or Google
    std::string region;    // empty: discovered
    Addressing addressing = Addressing::kAuto;
    Dialect dialect = Dialect::kAmazon;

    bool is_aws() const { return endpoint.empty() && dialect == Dialect::kAmazon; }
    bool is_google() const { return dialect == Dialect::kGoogle; }
    bool operator==(const Location&) const = default;
};

// "s3://bucket/prefix?endpoint=https://...&region=...&addressing=path|host", or gs:// for Google
// with its own signatures. `https://host` alone is not enough: the bucket is named. kInvalid says
// how to write it.
Result<Location> parse_location(const std::string& text);
// The bucket alone: without a prefix, whatever the address's key is.
Result<Location> bucket_of(const BucketAddress& address);
// `endpoint`: an http(s) origin, with no path below it.
Status set_endpoint(Location& location, const std::string& endpoint);
// The same text again, for records and messages. Holds no secret.
std::string to_text(const Location& location);

// How a request for `key` (empty: the bucket) is addressed in this region.
struct Address {
    http::Url origin;
    std::string path;  // decoded
};
Result<Address> address_of(const Location& location, const std::string& region, bool by_host,
                           const std::string& key);
// What kAuto means before anything was tried: by host at AWS, unless the bucket's name has dots,
// which no wildcard certificate covers; by path elsewhere.
bool prefers_host(const Location& location);

// The provider's name as far as the endpoint tells it: "aws", "gcs", "r2", "b2", "wasabi", "other".
std::string provider_of(const Location& location);

}  // namespace herder::s3
