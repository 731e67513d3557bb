#include "worker/block_sums.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/digest.h"
#include "base/random.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

constexpr std::int64_t kMiB = BlockSums::kBlock;

struct BlockSumsTest : ::testing::Test {
    TemporaryFolder folder;
    const std::string path = folder.path() + "/file";
    std::string content;

    BlockSums sums_of(std::int64_t size) {
        RandomStream stream(static_cast<std::uint64_t>(size), "content");
        content.resize(static_cast<std::size_t>(size));
        for (char& c : content)
            c = static_cast<char>(stream.next());
        std::ofstream(path, std::ios::binary) << content;
        const auto sums = sum_blocks(path);
        EXPECT_TRUE(sums);
        return sums.value_or(BlockSums{});
    }
    std::uint32_t plain(std::int64_t from, std::int64_t size) const {
        return crc32c(std::string_view(content).substr(static_cast<std::size_t>(from),
                                                       static_cast<std::size_t>(size)));
    }
};

TEST_F(BlockSumsTest, TheWholeAndItsPartsFollow) {
    const BlockSums sums = sums_of(3 * kMiB + 17);
    EXPECT_EQ(sums.size, Bytes{3 * kMiB + 17});
    EXPECT_EQ(sums.whole(), plain(0, 3 * kMiB + 17));
    EXPECT_EQ(sums.of(Bytes{kMiB}, Bytes{2 * kMiB}), plain(kMiB, 2 * kMiB));
    EXPECT_EQ(sums.of(Bytes{2 * kMiB}, Bytes{kMiB + 17}), plain(2 * kMiB, kMiB + 17));
}

TEST_F(BlockSumsTest, OfWholeBlocksAndOfNothing) {
    EXPECT_EQ(sums_of(2 * kMiB).whole(), plain(0, 2 * kMiB));
    EXPECT_EQ(sums_of(2 * kMiB).blocks.size(), 2U);
    EXPECT_EQ(sums_of(0).whole(), crc32c(""));
    EXPECT_EQ(sum_blocks(path + "-none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace herder
