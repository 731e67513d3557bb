#include "protocol/listing_json.h"

#include <set>

#include "base/confined_path.h"
#include "protocol/fields.h"
#include "protocol/hashed_key.h"

namespace herder::protocol {

namespace {

constexpr std::string_view kPrefix = "listings/";
constexpr std::string_view kSuffix = ".json.gz";

Error corrupt(const std::string& why) {
    return {ErrorCode::kCorrupt, "the listing of a bucket " + why};
}

}  // namespace

template <class S, class V>
void fields(As<ListedFile>, S& s, V& v) {
    v("path", s.path);
    v("size", s.size);
    v("etag", s.etag);
}
template <class S, class V>
void fields(As<Listing>, S& s, V& v) {
    v("source", s.source);
    v("files", s.files);
}
template <class S, class V>
void fields(As<ListingAnswer>, S& s, V& v) {
    v("object", s.object);
    v("files", s.files);
    v("size_bytes", s.size_bytes);
}

Bytes Listing::size() const {
    Bytes sum;
    for (const ListedFile& file : files)
        sum = sum + Bytes{file.size};
    return sum;
}

std::string to_json(const Listing& listing) {
    return write_document(listing);
}

Result<Listing> parse_listing(std::string_view text) {
    Result<Listing> listing = read_document<Listing>(text, kListingSizeMax);
    if (!listing) return corrupt("cannot be read: " + listing.error().message);
    if (listing->files.size() > kListedFilesMax) return corrupt("has too many files");
    std::set<std::string_view> paths;
    for (const ListedFile& file : listing->files) {
        const bool is_good = is_confined_path(file.path) && !file.path.ends_with('/') &&
                             file.size >= 0 && paths.insert(file.path).second;
        if (!is_good) return corrupt("has the file '" + file.path + "', which cannot be one");
    }
    return listing;
}

std::string listing_key(const std::string& sha256) {
    return std::string(kPrefix) + sha256 + std::string(kSuffix);
}

std::string listing_of_key(const std::string& key) {
    return hash_in_key(key, kPrefix, kSuffix);
}

std::string to_json(const ListingAnswer& answer) {
    return write_document(answer);
}

}  // namespace herder::protocol
