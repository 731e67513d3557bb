#pragma once
// Data that users keep in buckets of their own and that machines fetch from there. Nothing is
// written.
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace herder {

struct BucketFile {
    std::string path;  // below the source's folder; the last part of its key for a single object
    Bytes size;
    std::string etag;  // as the store writes it, with its quotes; empty: the store tells none
    bool operator==(const BucketFile&) const = default;
};

// A source is one as base/bucket_address.h reads it: s3://, gs:// or az://. Calls wait for the
// network.
class DataBuckets {
  public:
    virtual ~DataBuckets() = default;
    // Every file of the source, in order of their paths. kNotFound: there is none, kForbidden:
    // there are no credentials or they may not look, kInvalid: more than `limit`, a key that cannot
    // be a path, or credentials that cannot sign.
    virtual Result<std::vector<BucketFile>> list(const std::string& source, std::size_t limit) = 0;
    // A URL that lets its holder read one of them until it expires.
    virtual Result<std::string> sign(const std::string& source, const std::string& path,
                                     WallTime expires) = 0;
};

}  // namespace herder
