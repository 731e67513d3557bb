#include "protocol/tree_json.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace herder::protocol {
namespace {

Tree sample() {
    Tree tree;
    tree.entries = {{"a", 0, true},    {"a/run.sh", 3, false, true},
                    {"a/x", 0, true},  {"a/x/link", 0, false, false, "../run.sh"},
                    {"a-b", 2, false}, {"empty", 0, false}};
    tree.chunks = {{sha256_hex("one"), 4}, {sha256_hex("two"), 1}};
    return tree;
}

TEST(TreeJson, SurvivesTheWay) {
    const Result<Tree> read = parse_tree(to_json(sample()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, sample());
    EXPECT_EQ(read->size(), Bytes{5});
    EXPECT_TRUE(parse_tree(to_json(Tree{})));
}

TEST(TreeJson, AFolderComesRightBeforeWhatIsBelowIt) {
    EXPECT_TRUE(comes_before("a", "a/x"));
    EXPECT_TRUE(comes_before("a/x", "a-b"));
    EXPECT_TRUE(comes_before("a", "a-b"));
    EXPECT_FALSE(comes_before("a", "a"));
}

TEST(TreeJson, NothingLeadsOutside) {
    const auto refused = [](TreeEntry entry) {
        Tree tree;
        tree.entries = {std::move(entry)};
        const Result<Tree> read = parse_tree(to_json(tree));
        return !read && read.error().code == ErrorCode::kCorrupt;
    };
    EXPECT_TRUE(refused({"/etc/passwd"}));
    EXPECT_TRUE(refused({"../x"}));
    EXPECT_TRUE(refused({"a/"}));
    EXPECT_TRUE(refused({""}));
    EXPECT_TRUE(refused({"link", 0, false, false, "/etc"}));
    EXPECT_TRUE(refused({"link", 0, false, false, "../x"}));
    EXPECT_TRUE(refused({"a/b"}));  // no folder named
    EXPECT_TRUE(refused({"a", -1}));
    EXPECT_TRUE(refused({"a", 1, true}));
    EXPECT_TRUE(refused({"a", 0, true, false, "b"}));
}

TEST(TreeJson, NothingLiesBelowALinkOrAFileOrTwice) {
    for (const TreeEntry& first : {TreeEntry{"a", 0, false, false, "b"}, TreeEntry{"a"}}) {
        Tree tree;
        tree.entries = {first, {"a/x"}, {"b", 0, true}};
        EXPECT_FALSE(parse_tree(to_json(tree)));
    }
    Tree twice;
    twice.entries = {{"a"}, {"a"}};
    EXPECT_FALSE(parse_tree(to_json(twice)));
    Tree order;
    order.entries = {{"b"}, {"a"}};
    EXPECT_FALSE(parse_tree(to_json(order)));
}

TEST(TreeJson, PiecesAddUp) {
    Tree tree = sample();
    tree.chunks.back().size = 2;
    EXPECT_FALSE(parse_tree(to_json(tree)));
    tree = sample();
    tree.chunks.back().sha256 = "no hash";
    EXPECT_FALSE(parse_tree(to_json(tree)));
    tree = sample();
    tree.entries[1].size = 1LL << 40;
    tree.chunks.back().size = (1LL << 40) - 2;
    EXPECT_FALSE(parse_tree(to_json(tree)));
    EXPECT_FALSE(parse_tree("{"));
}

TEST(TreeJson, KeysHoldTheHash) {
    const std::string hash = sha256_hex("x");
    EXPECT_EQ(tree_of_key(tree_key(hash)), hash);
    EXPECT_EQ(chunk_key(hash), "chunks/" + hash.substr(0, 2) + "/" + hash + ".gz");
    for (const std::string& key :
         {std::string(), std::string("trees/x.json.gz"), "workdirs/" + hash + ".tar.gz",
          "trees/../" + hash + ".json.gz", "v1/" + tree_key(hash)})
        EXPECT_EQ(tree_of_key(key), "") << key;
}

TEST(TreeJson, WishesHaveLimits) {
    const std::string key = tree_key(sha256_hex("x"));
    EXPECT_TRUE(parse_chunk_wish(to_json(ChunkWish{key, 0, 1})));
    EXPECT_FALSE(parse_chunk_wish(to_json(ChunkWish{key, -1, 1})));
    EXPECT_FALSE(parse_chunk_wish(to_json(ChunkWish{key, 0, 1001})));
    EXPECT_FALSE(parse_chunk_wish(to_json(ChunkWish{"v1/default/j1/x", 0, 1})));
    EXPECT_TRUE(parse_chunk_names(to_json(ChunkNames{{sha256_hex("x")}})));
    EXPECT_FALSE(parse_chunk_names(to_json(ChunkNames{{"../x"}})));
    EXPECT_FALSE(parse_chunk_names(
        to_json(ChunkNames{std::vector<std::string>(kChunksAskedMax + 1, sha256_hex("x"))})));
}

}  // namespace
}  // namespace herder::protocol
