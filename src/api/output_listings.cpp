#include "api/output_listings.h"

namespace herder::api {

namespace {

// From page to page. Then it is read again: a program may stop between two pages.
constexpr Duration kKept = minutes(1);

// Empty where nobody told any.
protocol::OutputHashes told_hashes(ObjectStore& objects, const std::string& key) {
    const Result<std::string> text = objects.get(key, protocol::kOutputHashesSizeMax);
    if (!text) return {};
    return protocol::parse_output_hashes(*text).value_or(protocol::OutputHashes{});
}

}  // namespace

Result<const OutputListings::Listing*> OutputListings::get(ObjectStore& objects, const Place& place,
                                                           bool begins, WallTime now) {
    const bool is_kept = !begins && prefix_ == place.prefix && now - read_at_ < kKept;
    if (is_kept) return &kept_;
    forget();
    Result<std::vector<ObjectInfo>> found = objects.list(place.prefix, protocol::kOutputsListedMax);
    if (!found) return found.error();
    kept_ = {std::move(*found), told_hashes(objects, place.hashes_key)};
    prefix_ = place.prefix;
    read_at_ = now;
    return &kept_;
}

void OutputListings::forget() {
    prefix_.clear();
    kept_ = {};
}

}  // namespace herder::api
