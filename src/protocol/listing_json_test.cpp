#include "protocol/listing_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

Listing listing_of(const std::string& path) {
    return {"s3://b/d/", {{"a b=1/x.bin", 7, "\"e\""}, {path, 5, ""}}};
}

TEST(ListingJson, ComesBackAsItWas) {
    const Listing listing = listing_of("c");
    EXPECT_EQ(*parse_listing(to_json(listing)), listing);
    EXPECT_EQ(listing.size(), Bytes{12});
    EXPECT_EQ(to_json(ListingAnswer{"listings/x", 2, 12}),
              R"({"object":"listings/x","files":2,"size_bytes":12})");
}

TEST(ListingJson, PathsThatCannotBeAreRefused) {
    for (const char* path : {"../c", "/c", "", "c/", "a b=1/x.bin"}) {
        const auto read = parse_listing(to_json(listing_of(path)));
        ASSERT_FALSE(read) << path;
        EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
    }
    EXPECT_FALSE(parse_listing("{"));
    Listing negative = listing_of("c");
    negative.files[0].size = -1;
    EXPECT_FALSE(parse_listing(to_json(negative)));
}

TEST(ListingJson, KeysHoldTheHash) {
    const std::string hash(64, 'a');
    EXPECT_EQ(listing_of_key(listing_key(hash)), hash);
    for (const std::string& key : {"trees/" + hash + ".json.gz", std::string("listings/x.json.gz"),
                                   "listings/" + hash, std::string()})
        EXPECT_EQ(listing_of_key(key), "") << key;
}

}  // namespace
}  // namespace herder::protocol
