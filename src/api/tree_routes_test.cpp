#include "api/api_fixture.h"
#include "base/gzip_text.h"
#include "protocol/tree_json.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

Response put(ApiRig& rig, const std::string& path, const std::string& body) {
    return rig.call(ApiRig::request("PUT", "/api/v1" + path, {}, body));
}
std::string chunk_path(const std::string& content) {
    return "/chunks/" + sha256_hex(content);
}
std::string missing(ApiRig& rig, const std::vector<std::string>& contents) {
    protocol::ChunkNames names;
    for (const std::string& content : contents)
        names.chunks.push_back(sha256_hex(content));
    return rig.post("/api/v1/chunks/missing", protocol::to_json(names)).body;
}

TEST(TreeRoutes, OnlyMissingPiecesAreAskedFor) {
    ApiRig rig;
    EXPECT_THAT(missing(rig, {"one", "two"}), HasSubstr(sha256_hex("one")));
    EXPECT_EQ(put(rig, chunk_path("one"), gzip_text("one")).status, 201);
    EXPECT_EQ(put(rig, chunk_path("one"), gzip_text("one")).status, 200);
    EXPECT_EQ(missing(rig, {"one"}), R"({"chunks":[]})");
    EXPECT_THAT(missing(rig, {"one", "two"}), HasSubstr(sha256_hex("two")));
    EXPECT_EQ(rig.post("/api/v1/chunks/missing", R"({"chunks":["../x"]})").status, 400);
}

TEST(TreeRoutes, APieceHasTheHashOfItsContent) {
    ApiRig rig;
    EXPECT_EQ(put(rig, chunk_path("one"), gzip_text("two")).status, 400);
    EXPECT_EQ(put(rig, chunk_path("one"), "one").status, 400);
    EXPECT_EQ(put(rig, "/chunks/abc", gzip_text("one")).status, 400);
    const std::string bomb(protocol::kChunkSizeMax + 1, '\0');
    EXPECT_EQ(put(rig, chunk_path(bomb), gzip_text(bomb)).status, 400);
    EXPECT_TRUE(rig.objects.content.empty());
}

TEST(TreeRoutes, ATreeIsStoredWhenAllOfItIsThere) {
    ApiRig rig;
    protocol::Tree tree;
    tree.entries = {{"a.txt", 3}};
    tree.chunks = {{sha256_hex("one"), 3}};
    const std::string text = protocol::to_json(tree);
    const std::string path = "/trees/" + sha256_hex(text);
    EXPECT_EQ(put(rig, path, gzip_text(text)).status, 409);
    EXPECT_EQ(rig.get("/api/v1" + path).status, 404);
    ASSERT_EQ(put(rig, chunk_path("one"), gzip_text("one")).status, 201);
    const Response stored = put(rig, path, gzip_text(text));
    EXPECT_EQ(stored.status, 201);
    EXPECT_THAT(stored.body, HasSubstr(protocol::tree_key(sha256_hex(text))));
    EXPECT_EQ(rig.get("/api/v1" + path).body, stored.body);
}

TEST(TreeRoutes, ATreeThatLeadsOutsideIsRefused) {
    ApiRig rig;
    const std::string text = R"({"entries":[{"path":"../x"}],"chunks":[]})";
    EXPECT_EQ(put(rig, "/trees/" + sha256_hex(text), gzip_text(text)).status, 400);
    EXPECT_EQ(put(rig, "/trees/" + sha256_hex("{"), gzip_text("{")).status, 400);
}

}  // namespace
}  // namespace herder::api
