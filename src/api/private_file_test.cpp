#include "api/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace herder::api {
namespace {

TEST(PrivateFile, IsReplacedWholeAndForItsOwnerAlone) {
    const std::string folder = testing::TempDir() + "private-file";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const std::string path = folder + "/key";
    std::ofstream(path + ".new") << "left by a crash";
    ::chmod((path + ".new").c_str(), 0644);
    ASSERT_TRUE(write_private_file(path, "first"));
    ASSERT_TRUE(write_private_file(path, "second"));
    EXPECT_EQ(read_small_file(path).value_or(""), "second");
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(PrivateFile, AnAbsentFileAndAnAbsentFolderAreErrors) {
    EXPECT_EQ(read_small_file("/nonexistent/key").error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(write_private_file("/nonexistent/key", "x"));
}

}  // namespace
}  // namespace herder::api
