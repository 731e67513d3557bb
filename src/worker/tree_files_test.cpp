#include "worker/tree_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/digest.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// One stream "aaabbbbcc" over three files and an empty one, cut into pieces of 4, 4 and 1.
class TreeFilesTest : public testing::Test {
  protected:
    TreeFilesTest() {
        fs::remove_all(folder_);
        tree_.entries = {{"a", 3},       {"d", 0, true}, {"d/b.sh", 4, false, true},
                         {"d/empty", 0}, {"e", 2},       {"link", 0, false, false, "d/b.sh"}};
        for (const std::string part : {"aaab", "bbbc", "c"})
            tree_.chunks.push_back({sha256_hex(part), static_cast<std::int64_t>(part.size())});
    }
    void write_all(const TreeFiles& files) {
        ASSERT_TRUE(files.write(2, "c"));  // in any order
        ASSERT_TRUE(files.write(0, "aaab"));
        ASSERT_TRUE(files.write(1, "bbbc"));
        ASSERT_TRUE(files.finish());
    }
    std::string folder_ = testing::TempDir() + "tree-files";
    protocol::Tree tree_;
};

TEST_F(TreeFilesTest, PiecesBecomeFiles) {
    TreeFiles files(tree_, folder_);
    EXPECT_EQ(files.missing_bytes(), 9);
    ASSERT_TRUE(files.create());
    EXPECT_FALSE(files.has(0));
    write_all(files);
    EXPECT_EQ(read(folder_ + "/a"), "aaa");
    EXPECT_EQ(read(folder_ + "/d/b.sh"), "bbbb");
    EXPECT_EQ(read(folder_ + "/d/empty"), "");
    EXPECT_EQ(read(folder_ + "/link"), "bbbb");
    struct stat info{};
    ASSERT_EQ(::stat((folder_ + "/d/b.sh").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0755U);
    ASSERT_EQ(::stat((folder_ + "/a").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0644U);
}

TEST_F(TreeFilesTest, WhatIsThereIsKnownByItsContent) {
    TreeFiles first(tree_, folder_);
    ASSERT_TRUE(first.create());
    write_all(first);
    TreeFiles again(tree_, folder_);
    ASSERT_TRUE(again.create());
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_TRUE(again.has(i)) << i;
    std::ofstream(folder_ + "/e") << "cx";
    EXPECT_TRUE(again.has(1));
    EXPECT_FALSE(again.has(2));
    ASSERT_TRUE(again.finish()) << "links that are there are made anew";
}

TEST_F(TreeFilesTest, ALinkInTheWayIsNeverFollowed) {
    const std::string outside = testing::TempDir() + "tree-files-outside";
    std::ofstream(outside) << "untouched";
    fs::create_directories(folder_);
    fs::create_symlink(outside, folder_ + "/a");
    TreeFiles files(tree_, folder_);
    const Status made = files.create();
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(read(outside), "untouched");
    fs::remove(folder_ + "/a");
    fs::create_directory_symlink(testing::TempDir(), folder_ + "/d");
    EXPECT_FALSE(TreeFiles(tree_, folder_).create());
}

}  // namespace
}  // namespace herder
