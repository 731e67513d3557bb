#include "worker/restored_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "base/digest.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

// Where tests are built there is a file system that takes O_DIRECT; /dev/shm takes none.
class RestoredFileTest : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        std::string pattern = std::string(GetParam()) + "/herder-restored-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    Status write(RestoredFile& file, std::int64_t offset, const std::string& text) {
        std::memcpy(buffer_.data(), text.data(), text.size());
        return file.write(offset, buffer_, text.size());
    }
    std::string read() const {
        std::ifstream file(folder_ + "/w", std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string folder_;
    AlignedBuffer buffer_{8192};
};

TEST_P(RestoredFileTest, IsPutTogetherInAnyOrder) {
    const std::string first(8192, 'a');
    const std::string last = "the odd end";
    auto file = RestoredFile::open(folder_ + "/w", Bytes{8192 + 11});
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE(write(**file, 8192, last));
    ASSERT_TRUE(write(**file, 0, first));
    EXPECT_EQ((*file)->checksum(8192, 11, buffer_).value(), crc32c(last));
    EXPECT_EQ((*file)->checksum(0, 8192, buffer_).value(), crc32c(first));
    ASSERT_TRUE((*file)->finish(0640));
    EXPECT_EQ(read(), first + last);
    struct stat info{};
    ASSERT_EQ(::stat((folder_ + "/w").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0640U);
}

TEST_P(RestoredFileTest, KeepsWhatAnEarlierOneBrought) {
    const std::string text(4096, 'k');
    {
        auto file = RestoredFile::open(folder_ + "/w", Bytes{8192});
        ASSERT_TRUE(write(**file, 4096, text));
    }
    auto again = RestoredFile::open(folder_ + "/w", Bytes{8192});
    EXPECT_EQ((*again)->checksum(4096, 4096, buffer_).value(), crc32c(text));
    EXPECT_NE((*again)->checksum(0, 4096, buffer_).value(), crc32c(text));
}

TEST_P(RestoredFileTest, GoesThroughThePageCacheWhereDirectWritesAreRefused) {
    auto file = RestoredFile::open(folder_ + "/w", Bytes{8192});
    ASSERT_TRUE(file);
    // No file system takes this past its cache; some take nothing.
    ASSERT_TRUE(write(**file, 3, "odd")) << "EINVAL was final";
    EXPECT_EQ((*file)->checksum(3, 3, buffer_).value(), crc32c("odd"));
    ASSERT_TRUE((*file)->finish(0600));
    EXPECT_EQ(read().substr(3, 3), "odd");
}

TEST_P(RestoredFileTest, SaysThatTheDiskIsTooSmallBeforeAnythingIsFetched) {
    const auto file = RestoredFile::open(folder_ + "/w", Bytes{1LL << 60});
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().message.find(folder_ + "/w"), std::string::npos);
    EXPECT_FALSE(RestoredFile::open(folder_ + "/none/w", Bytes{1}));
}

INSTANTIATE_TEST_SUITE_P(Homes, RestoredFileTest, ::testing::Values(".", "/dev/shm"));

}  // namespace
}  // namespace herder
