#include "cli/wall_clock.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

TEST(WallClock, CountsMicrosecondsSince1970) {
    // 2026-01-01; a clock in other units would be off by a factor of a thousand.
    EXPECT_GT(wall_now().us, 1'767'225'600'000'000);
    EXPECT_LT(wall_now().us, 1'767'225'600'000'000 * 3);
}

}  // namespace
}  // namespace herder::cli
