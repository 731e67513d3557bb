#include "cli/folder_tree.h"

#include <set>

#include "base/random.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

namespace fs = std::filesystem;

std::string noise(std::size_t size, std::uint64_t seed) {
    std::string text;
    for (std::uint64_t i = 1; text.size() < size; ++i)
        text.push_back(static_cast<char>(mix64(seed * 1'000'003 + i)));
    return text;
}

FolderTree tree_of(const TestFolder& folder) {
    const auto entries = list_folder(folder.path, true);
    EXPECT_TRUE(entries);
    Result<FolderTree> tree = make_folder_tree(folder.path, *entries);
    EXPECT_TRUE(tree);
    return std::move(*tree);
}

std::set<std::string> hashes_of(const FolderTree& tree) {
    std::set<std::string> hashes;
    for (const protocol::TreeChunk& chunk : tree.tree.chunks)
        hashes.insert(chunk.sha256);
    return hashes;
}

std::size_t fresh(const FolderTree& before, const FolderTree& after) {
    const std::set<std::string> known = hashes_of(before);
    std::size_t count = 0;
    for (const std::string& hash : hashes_of(after))
        count += known.contains(hash) ? 0 : 1;
    return count;
}

TEST(FolderTree, TheSameContentGivesTheSameDocument) {
    const TestFolder one;
    const TestFolder two;
    for (const TestFolder* folder : {&one, &two}) {
        folder->write("b/train.py", "print(1)\n");
        folder->write("b-side.txt", "a");
        folder->write("b/.hidden", "");
    }
    fs::last_write_time(two.path + "/b-side.txt", fs::file_time_type{});
    const FolderTree tree = tree_of(one);
    EXPECT_EQ(tree.document(), tree_of(two).document());
    EXPECT_EQ(tree.files, 3U);
    EXPECT_EQ(tree.tree.size(), Bytes{10});
    const auto read = protocol::parse_tree(tree.document());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, tree.tree);
    two.write("b-side.txt", "b");
    EXPECT_NE(tree.document(), tree_of(two).document());
}

TEST(FolderTree, KeepsModesLinksAndEmptyFolders) {
    const TestFolder here;
    here.write("run.sh", "#!/bin/sh\n");
    fs::permissions(here.path + "/run.sh", fs::perms::owner_exec, fs::perm_options::add);
    fs::create_symlink("run.sh", here.path + "/link");
    fs::create_directory(here.path + "/empty");
    const std::vector<protocol::TreeEntry> wanted = {
        {.path = "empty", .folder = true},
        {.path = "link", .link = "run.sh"},
        {.path = "run.sh", .size = 10, .executable = true}};
    EXPECT_EQ(tree_of(here).tree.entries, wanted);
}

TEST(FolderTree, AChangedFileChangesFewPieces) {
    const TestFolder here;
    for (int i = 0; i < 40; ++i)
        here.write("src/f" + std::to_string(i), noise(60'000, static_cast<std::uint64_t>(i)));
    const FolderTree before = tree_of(here);
    EXPECT_GT(before.tree.chunks.size(), 8U);
    here.write("src/f20", noise(60'000, 99));
    EXPECT_LE(fresh(before, tree_of(here)), 4U);
    here.write("new.py", "print(2)\n");
    EXPECT_LE(fresh(before, tree_of(here)), 6U);
}

TEST(FolderTree, ALargeFileIsCutByItself) {
    const TestFolder here;
    const std::string large = noise(9 << 20, 1);
    here.write("data.bin", large);
    const FolderTree alone = tree_of(here);
    here.write("a.py", "first");
    here.write("z.py", "last");
    const FolderTree more = tree_of(here);
    EXPECT_EQ(fresh(alone, more), 2U);  // a.py and z.py
    EXPECT_LE(alone.tree.chunks.size(), 9U);
}

TEST(FolderTree, PiecesAreReadAgainAndAChangeIsNoticed) {
    const TestFolder here;
    here.write("a", std::string(100, 'a'));
    here.write("b", "bbb");
    const FolderTree tree = tree_of(here);
    ASSERT_EQ(tree.tree.chunks.size(), 1U);
    EXPECT_EQ(tree.read_chunk(0).value_or(""), std::string(100, 'a') + "bbb");
    here.write("b", "xxx");
    EXPECT_EQ(tree.read_chunk(0).error().code, ErrorCode::kUnavailable);
    here.write("b", "x");
    EXPECT_EQ(tree.read_chunk(0).error().code, ErrorCode::kUnavailable);
}

TEST(FolderTree, OneFileIsATreeUnderAnotherName) {
    const TestFolder here;
    here.write("words.txt", "one two");
    const Result<FolderTree> tree = make_file_tree(here.path + "/words.txt", "vocab.txt");
    ASSERT_TRUE(tree);
    ASSERT_EQ(tree->tree.entries.size(), 1U);
    EXPECT_EQ(tree->tree.entries[0], (protocol::TreeEntry{.path = "vocab.txt", .size = 7}));
    EXPECT_EQ(tree->read_chunk(0).value_or(""), "one two");
    EXPECT_FALSE(make_file_tree(here.path + "/none", "x"));
}

}  // namespace
}  // namespace herder::cli
