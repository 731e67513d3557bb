#pragma once
// What a user's bucket held below a folder when a job was submitted. Stored under its SHA-256, so
// that a machine fetches what was looked up then, and nothing else:
//   listings/<sha256 of this document>.json.gz
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace herder::protocol {

constexpr std::size_t kListingSizeMax = 64 << 20;
constexpr std::size_t kListedFilesMax = 200'000;

struct ListedFile {
    std::string path;  // relative
    std::int64_t size = 0;
    std::string etag;  // with its quotes; empty: not told
    bool operator==(const ListedFile&) const = default;
};
struct Listing {
    std::string source;  // as DataBuckets reads it
    std::vector<ListedFile> files;
    bool operator==(const Listing&) const = default;
    Bytes size() const;
};

std::string to_json(const Listing& listing);
// kCorrupt for paths that lead outside or stand twice, and for negative sizes.
Result<Listing> parse_listing(std::string_view text);

std::string listing_key(const std::string& sha256);
// The hash in a key of listing_key; empty for any other key.
std::string listing_of_key(const std::string& key);

// A source was looked up and its listing stored.
struct ListingAnswer {
    std::string object;  // the key
    std::int64_t files = 0;
    std::int64_t size_bytes = 0;
    bool operator==(const ListingAnswer&) const = default;
};
std::string to_json(const ListingAnswer& answer);

}  // namespace herder::protocol
