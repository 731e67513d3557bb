#include "api/document_cache.h"

#include "api/api_fixture.h"
#include "base/gzip_text.h"

namespace herder::api {
namespace {

std::string store_tree(FakeObjects& objects, const std::string& name) {
    protocol::Tree tree;
    tree.entries = {{name, 0}};
    const std::string text = protocol::to_json(tree);
    const std::string key = protocol::tree_key(sha256_hex(text));
    objects.content[key] = gzip_text(text);
    return key;
}

TEST(DocumentCache, ReadsATreeOnceWhileItIsAskedFor) {
    FakeObjects objects;
    TreeCache cache(objects, kTrees);
    const std::string key = store_tree(objects, "a");
    ASSERT_TRUE(cache.get(key));
    objects.content.clear();
    EXPECT_EQ((*cache.get(key))->entries.front().path, "a");
    for (const char* name : {"b", "c", "d", "e"})
        EXPECT_TRUE(cache.get(store_tree(objects, name)));
    EXPECT_EQ(cache.get(key).error().code, ErrorCode::kNotFound);
}

TEST(DocumentCache, ADamagedTreeIsNone) {
    FakeObjects objects;
    TreeCache cache(objects, kTrees);
    const std::string key = store_tree(objects, "a");
    objects.content[key] = gzip_text("{}");
    EXPECT_EQ(cache.get(key).error().code, ErrorCode::kCorrupt);
    objects.content[key] = "no gzip";
    EXPECT_EQ(cache.get(key).error().code, ErrorCode::kCorrupt);
}

TEST(DocumentCache, KeepsListingsOfBucketsToo) {
    FakeObjects objects;
    ListingCache cache(objects, kListings);
    const std::string text = protocol::to_json(protocol::Listing{"s3://b/d/", {{"x", 1, ""}}});
    const std::string key = protocol::listing_key(sha256_hex(text));
    objects.content[key] = gzip_text(text);
    EXPECT_EQ((*cache.get(key))->files.front().path, "x");
    EXPECT_FALSE(cache.get(protocol::tree_key(sha256_hex(text))));
}

}  // namespace
}  // namespace herder::api
