#pragma once
// Data of users in a bucket: objects with any key, which is more than an ObjectStore allows. What
// is the same whatever the bucket is.
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/message.h"
#include "base/bucket_address.h"
#include "ports/data_buckets.h"

namespace herder::remote {

struct BucketObject {
    std::string key;  // whole
    Bytes size;
    std::string etag;  // with its quotes; empty: not told
    bool operator==(const BucketObject&) const = default;
};
struct BucketPage {
    std::vector<BucketObject> objects;
    std::string token;  // for the next page; empty: this is the last
};

// One bucket or container. Thread-safe; calls wait for the network.
class BucketReader {
  public:
    virtual ~BucketReader() = default;
    // `prefix`: whole; `token`: of the page before, empty for the first.
    virtual Result<BucketPage> page(const std::string& prefix, const std::string& token) = 0;
    // Nothing: there is no such object. kNotFound: there is no such bucket.
    virtual Result<std::optional<BucketObject>> look(const std::string& key) = 0;
    // A URL that lets its holder read one object.
    virtual Result<std::string> sign(const std::string& key, Duration life) = 0;
};

// What the answer to a HEAD of the object says.
BucketObject object_of(const std::string& key, const http::Headers& headers);

// As DataBuckets says. Whether URLs can be signed is tried as well, so that it is told before a
// machine waits for them.
Result<std::vector<BucketFile>> list_data(BucketReader& bucket, const BucketAddress& place,
                                          std::size_t limit);
Result<std::string> sign_data(BucketReader& bucket, const BucketAddress& place,
                              const std::string& path, Duration life);

}  // namespace herder::remote
