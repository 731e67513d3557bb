#include "api/file_hashes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/digest.h"

namespace herder::api {
namespace {

TEST(FileHashes, KnowsAFileUntilItChanges) {
    std::string folder = ::testing::TempDir() + "herder-hashes-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/model.bin";
    const std::string text(600'000, 'x');
    std::ofstream(path) << text;
    FileHashes hashes;
    EXPECT_EQ(hashes.unread(path), 600'000);
    EXPECT_EQ(hashes.of(path).value(), sha256_hex(text));
    EXPECT_EQ(hashes.unread(path), 0);
    std::ofstream(path) << text << "y";
    EXPECT_EQ(hashes.unread(path), 600'001);
    EXPECT_EQ(hashes.of(path).value(), sha256_hex(text + "y"));
    std::filesystem::remove(path);
    EXPECT_FALSE(hashes.of(path));
    EXPECT_EQ(hashes.unread(path), 0);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace herder::api
