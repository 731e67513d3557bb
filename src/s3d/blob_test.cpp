#include "s3d/blob.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace herder::s3d {
namespace {

BlobPtr make(Keeping keeping, const std::string& file, const std::string& text) {
    auto writer = BlobWriter::make(keeping, file);
    EXPECT_TRUE(writer);
    EXPECT_TRUE((*writer)->append(text.substr(0, 2)));
    EXPECT_TRUE((*writer)->append(text.substr(2)));
    return *(*writer)->finish();
}

TEST(Blob, KeepsWhatWasWritten) {
    const std::string file = ::testing::TempDir() + "s3d-blob";
    std::filesystem::remove(file);
    EXPECT_EQ(*read_all(*make(Keeping::kMemory, "", "hello")), "hello");
    {
        const BlobPtr blob = make(Keeping::kFolder, file, "hello");
        EXPECT_EQ(*read_all(*blob), "hello");
        EXPECT_TRUE(std::filesystem::exists(file));
    }
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_EQ(*read_all(*make(Keeping::kDiscard, "", "hello")), std::string(5, '\0'));
}

TEST(Blob, AnUnfinishedFileGoes) {
    const std::string file = ::testing::TempDir() + "s3d-unfinished";
    std::filesystem::remove(file);
    {
        ASSERT_TRUE((*BlobWriter::make(Keeping::kFolder, file))->append("x"));
    }
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(Blob, JoinedReadsAcrossItsParts) {
    const BlobPtr joined =
        join_blobs({make(Keeping::kMemory, "", "abc"), make(Keeping::kMemory, "", "defg"),
                    make(Keeping::kMemory, "", "hi")});
    EXPECT_EQ(joined->size(), 9U);
    EXPECT_EQ(*read_all(*joined), "abcdefghi");
    std::string middle(5, '\0');
    ASSERT_TRUE(joined->read(2, middle.data(), middle.size()));
    EXPECT_EQ(middle, "cdefg");
}

}  // namespace
}  // namespace herder::s3d
