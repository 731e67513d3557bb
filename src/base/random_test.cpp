#include "base/random.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Random, SameSeedAndNameGiveTheSameStreamAndOtherNamesDoNot) {
    RandomStream a(5, "net");
    RandomStream b(5, "net");
    RandomStream c(5, "disk");
    const std::uint64_t first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
}

TEST(Random, StaysInItsRange) {
    RandomStream random(9, "range");
    double sum = 0;
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_LT(random.below(7), 7U);
        const std::int64_t value = random.between(-3, 3);
        EXPECT_TRUE(value >= -3 && value <= 3);
        sum += random.exponential(10);
    }
    EXPECT_NEAR(sum / 10'000, 10, 1);
}

}  // namespace
}  // namespace herder
