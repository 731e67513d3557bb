#pragma once
// Listings of a bucket, page by page.
#include <optional>
#include <string>
#include <vector>

#include "adapters/objects/s3/s3_client.h"
#include "base/bytes.h"
#include "base/time.h"

namespace herder::s3 {

struct ListedObject {
    std::string key;  // whole, with the location's prefix
    Bytes size;
    std::string etag;  // with its quotes
    std::optional<WallTime> modified;
};

struct PageWish {
    std::string prefix;  // whole
    std::string token;   // of the page before; empty: the first page
    std::size_t entries_max = 1000;
};
struct ObjectPage {
    std::vector<ListedObject> objects;
    std::string token;  // for the next page; empty: this is the last
};
// kCorrupt where the store says that more follows, and not how to ask for it.
Result<ObjectPage> list_page(S3Client& client, const PageWish& wish);

}  // namespace herder::s3
