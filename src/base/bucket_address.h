#pragma once
// Where something lies in a bucket, as people write it: s3://BUCKET/KEY, gs://BUCKET/KEY,
// az://ACCOUNT/CONTAINER/KEY, and the https addresses that Google's and Azure's own pages show. The
// one reader of them; what a setting means is for each store.
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder {

enum class BucketScheme { kAmazon, kGoogle, kAzure };  // kAmazon: and all that speak S3

struct BucketAddress {
    BucketScheme scheme = BucketScheme::kAmazon;
    std::string account{};   // Azure's; empty elsewhere
    std::string bucket{};    // Azure's container
    std::string key{};       // as it is, not encoded
    std::string settings{};  // "endpoint=https://HOST&region=eu", still encoded

    // All below `key` rather than one object.
    bool is_folder() const { return key.empty() || key.ends_with('/'); }
    bool operator==(const BucketAddress&) const = default;
};

// Whether it is meant to be one, whatever else is wrong with it.
bool is_bucket_address(std::string_view text);
// A "?" that none of the settings' names follows belongs to the key. kInvalid says how to write it.
Result<BucketAddress> parse_bucket_address(const std::string& text);
// With its scheme, also where it came as https.
std::string to_text(const BucketAddress& address);
// As it was written, without the settings: for people.
std::string without_settings(const std::string& text);

}  // namespace herder
