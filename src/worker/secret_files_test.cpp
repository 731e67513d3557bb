#include "worker/secret_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace herder {
namespace {

namespace fs = std::filesystem;

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

const std::vector<protocol::GivenSecret> kTwo = {{"HF_TOKEN", "hf_value", true},
                                                 {"PEM", "two\nlines\n", false}};

class SecretFilesTest : public testing::Test {
  protected:
    SecretFilesTest() { fs::remove_all(links_); }
    std::string links_ = testing::TempDir() + "secret-links";
};

TEST_F(SecretFilesTest, AreFilesInMemoryForTheirOwnerAlone) {
    if (!is_in_memory("/dev/shm")) GTEST_SKIP() << "/dev/shm is not in memory here";
    SecretFiles files({"/proc", "/dev/shm"}, links_);
    ASSERT_TRUE(files.place(kTwo));
    EXPECT_EQ(files.folder().rfind("/dev/shm/herder-secrets-", 0), 0U);
    EXPECT_EQ(read(files.folder() + "/HF_TOKEN"), "hf_value");
    EXPECT_EQ(read(files.folder() + "/PEM"), "two\nlines\n");
    struct stat info{};
    ASSERT_EQ(::stat(files.folder().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat((files.folder() + "/PEM").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0400U);
    EXPECT_EQ(files.variables().size(), 1U);
    EXPECT_EQ(files.variables().at("HF_TOKEN"), "hf_value");
    EXPECT_FALSE(fs::exists(links_));
    const std::string folder = files.folder();
    files.remove();
    EXPECT_FALSE(fs::exists(folder));
    EXPECT_TRUE(files.folder().empty());
    EXPECT_TRUE(files.variables().empty());
}

TEST_F(SecretFilesTest, WithoutAFolderInMemoryTheDiskHoldsLinksOnly) {
    SecretFiles files({"/proc", "/nonexistent"}, links_);
    ASSERT_TRUE(files.place(kTwo));
    EXPECT_EQ(files.folder(), links_);
    EXPECT_TRUE(fs::is_symlink(links_ + "/PEM"));
    EXPECT_EQ(read(links_ + "/PEM"), "two\nlines\n");
    EXPECT_EQ(read(links_ + "/PEM"), "two\nlines\n");  // from its beginning each time
    files.remove();
    EXPECT_FALSE(fs::exists(links_));
}

TEST_F(SecretFilesTest, GoWithTheObject) {
    std::string folder;
    {
        SecretFiles files({"/dev/shm"}, links_);
        ASSERT_TRUE(files.place(kTwo));
        folder = files.folder();
        ASSERT_TRUE(fs::exists(folder));
    }
    EXPECT_FALSE(fs::exists(folder));
}

TEST_F(SecretFilesTest, NamesThatLeaveTheFolderAreRefused) {
    SecretFiles files({"/dev/shm"}, links_);
    for (const char* name : {"", "../x", "a/b", ".hidden"})
        EXPECT_FALSE(files.place({{name, "long-enough", false}})) << name;
    EXPECT_TRUE(files.place({}));
    EXPECT_TRUE(files.folder().empty());
}

}  // namespace
}  // namespace herder
