#pragma once
// Data of users in a bucket: objects with any key, which is more than an ObjectStore allows.
#include <string>
#include <vector>

#include "adapters/objects/s3/location.h"
#include "adapters/objects/s3/s3_client.h"
#include "ports/data_buckets.h"

namespace herder::s3 {

struct DataPlace {
    Location location;  // of the bucket, without a prefix
    std::string key;    // of one object; empty, or with a slash at its end: all below

    bool is_folder() const { return key.empty() || key.ends_with('/'); }
};
// "s3://BUCKET/KEY?endpoint=..."; a "?" that no such name follows belongs to the key.
Result<DataPlace> parse_data_place(const std::string& source);

// Both as DataBuckets says.
Result<std::vector<BucketFile>> list_data(S3Client& client, const DataPlace& place,
                                          std::size_t limit);
Result<std::string> sign_data(S3Client& client, const DataPlace& place, const std::string& path,
                              Duration life);

}  // namespace herder::s3
