#pragma once
// The prefix of a store's keys in the location that somebody wrote.
#include <string>

#include "base/bucket_address.h"
#include "base/result.h"

namespace herder::remote {

// Empty, or ends with a slash. kInvalid where objects of ours could not lie below it.
Result<std::string> prefix_of(const BucketAddress& address);
// A store's Location: that of the bucket alone, which `bucket_of` makes, with the prefix.
template <class Location>
Result<Location> parse_with_prefix(const std::string& text,
                                   Result<Location> (*bucket_of)(const BucketAddress&)) {
    const auto address = parse_bucket_address(text);
    if (!address) return address.error();
    auto location = bucket_of(*address);
    if (!location) return location;
    auto prefix = prefix_of(*address);
    if (!prefix) return prefix.error();
    location->prefix = std::move(*prefix);
    return location;
}
// The address again that has this prefix.
BucketAddress with_prefix(BucketAddress address, const std::string& prefix);

}  // namespace herder::remote
