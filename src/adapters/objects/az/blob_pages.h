#pragma once
// Listings of a container, page by page.
#include <optional>
#include <string>
#include <vector>

#include "adapters/objects/az/azure_client.h"
#include "base/bytes.h"
#include "base/time.h"

namespace herder::az {

struct ListedBlob {
    std::string name;  // whole
    Bytes size;
    std::string etag;  // without quotes
    std::optional<WallTime> modified;
};

struct PageWish {
    std::string container;
    std::string prefix;  // whole
    std::string marker;  // of the page before; empty: the first page
    std::optional<std::size_t> entries_max;
};
struct BlobPage {
    std::vector<ListedBlob> blobs;
    std::string marker;  // for the next page; empty: this is the last
};
Result<BlobPage> list_page(AzureClient& client, const PageWish& wish);

}  // namespace herder::az
