#include "worker/container_age.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(ContainerAge, ReadsTheStartOfAProcessWhateverItsName) {
    const std::string stat = "1 (a ) b) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 5000 0 0";
    EXPECT_EQ(process_age(stat, "60.25 100.0", 100), milliseconds(10'250));
    EXPECT_EQ(process_age(stat, "40.0 1.0", 100), Duration{});
    EXPECT_EQ(process_age("", "60.25", 100), Duration{});
    EXPECT_EQ(process_age("1 (x) S 0", "60.25", 100), Duration{});
}

TEST(ContainerAge, IsNeverNegative) {
    EXPECT_GE(container_age(), Duration{});
}

}  // namespace
}  // namespace herder
