#include "core/checkpoints/part_plan.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

TEST(PartPlan, PartsAreLargeEnoughForTheStoreAndFewEnough) {
    EXPECT_EQ(choose_part_size(Bytes{1}, Bytes{5 * kMiB}, 10'000), Bytes{16 * kMiB});
    EXPECT_EQ(choose_part_size(Bytes{1}, Bytes{64 * kMiB}, 10'000), Bytes{64 * kMiB});
    // 500 GB with at most 8,000 parts.
    const Bytes large = choose_part_size(gigabytes(500), Bytes{5 * kMiB}, 10'000);
    EXPECT_EQ(large.count % kMiB, 0);
    EXPECT_LE(count_parts(gigabytes(500), large), 8'000);
    EXPECT_GE(large, Bytes{62'500'000});
    // Scaleway takes 1,000 parts.
    EXPECT_LE(count_parts(gigabytes(500), choose_part_size(gigabytes(500), Bytes{5 * kMiB}, 1'000)),
              800);
}

TEST(PartPlan, RangesCoverTheObjectOnce) {
    const Bytes size{40 * kMiB + 7};
    const Bytes part{16 * kMiB};
    ASSERT_EQ(count_parts(size, part), 3);
    std::int64_t at = 0;
    for (int number = 1; number <= 3; ++number) {
        const PartRange range = range_of_part(number, size, part);
        EXPECT_EQ(range.offset.count, at);
        at += range.size.count;
    }
    EXPECT_EQ(at, size.count);
    EXPECT_EQ(range_of_part(3, size, part).size, Bytes{8 * kMiB + 7});
    EXPECT_EQ(count_parts(Bytes{32 * kMiB}, part), 2);
}

}  // namespace
}  // namespace herder
