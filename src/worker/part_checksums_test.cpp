#include "worker/part_checksums.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"

namespace herder {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

struct PartChecksums : ::testing::Test {
    const std::string path =
        (std::filesystem::path(::testing::TempDir()) /
         (std::string("parts-") + ::testing::UnitTest::GetInstance()->current_test_info()->name()))
            .string();
    const protocol::PartRules rules{Bytes{5 * kMiB}, 10'000, true};
    std::string content;

    static protocol::PartsRequest from(int number, int files = 1) {
        protocol::PartsRequest wish;
        wish.from = number;
        wish.files = files;
        return wish;
    }
    void write(std::int64_t size) {
        content.resize(static_cast<std::size_t>(size));
        for (std::size_t i = 0; i < content.size(); ++i)
            content[i] = static_cast<char>(i * 2654435761U >> 9U);
        std::ofstream(path, std::ios::binary) << content;
    }
    ~PartChecksums() override { std::filesystem::remove(path); }
};

TEST_F(PartChecksums, AreOfTheRangesThatThePlanCuts) {
    write(16 * kMiB + 3);
    const auto sums = sum_blocks(path);
    ASSERT_TRUE(sums) << sums.error().message;
    const auto found = window_checksums({*sums}, rules, from(1));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.at(0), crc32c(content.substr(0, 16 * kMiB)));
    EXPECT_EQ(found.at(1), crc32c(content.substr(16 * kMiB)));
    EXPECT_EQ(window_checksums({*sums}, rules, from(2)), std::vector<std::uint32_t>{found.at(1)});
    EXPECT_TRUE(window_checksums({*sums}, rules, from(3)).empty());
}

TEST_F(PartChecksums, AnEmptyFileHasNone) {
    write(0);
    EXPECT_TRUE(window_checksums({*sum_blocks(path)}, rules, from(1)).empty());
}

TEST_F(PartChecksums, GoOnIntoTheNextFilesAsTheWindowDoes) {
    write(16 * kMiB + 3);
    const auto large = *sum_blocks(path);
    write(5);
    const auto small = *sum_blocks(path);
    const std::vector<BlockSums> files{large, BlockSums{}, small, large};
    protocol::PartsRequest wish = from(2);
    wish.files = 3;
    EXPECT_EQ(window_checksums(files, rules, wish),
              (std::vector<std::uint32_t>{large.of(Bytes{16 * kMiB}, Bytes{3}), small.whole()}));
    wish.files = 64;
    EXPECT_EQ(window_checksums(files, rules, wish).size(), 4U);
    EXPECT_EQ(window_checksums(std::vector<BlockSums>(70, small), rules, from(1, 64)).size(), 64U);
}

}  // namespace
}  // namespace herder
