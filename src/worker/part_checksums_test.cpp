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
    const auto found = part_checksums(*sums, rules, 1);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.at(0), crc32c(content.substr(0, 16 * kMiB)));
    EXPECT_EQ(found.at(1), crc32c(content.substr(16 * kMiB)));
    EXPECT_EQ(part_checksums(*sums, rules, 2), std::vector<std::uint32_t>{found.at(1)});
    EXPECT_TRUE(part_checksums(*sums, rules, 3).empty());
}

TEST_F(PartChecksums, AnEmptyFileHasNone) {
    write(0);
    EXPECT_TRUE(part_checksums(*sum_blocks(path), rules, 1).empty());
}

}  // namespace
}  // namespace herder
