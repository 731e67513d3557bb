#include "base/back_off.h"

#include <gtest/gtest.h>

#include <climits>

namespace herder {
namespace {

TEST(BackOff, IsTwiceAsLongEachTimeUpToTheLongest) {
    EXPECT_EQ(back_off(seconds(5), 0, minutes(1)), seconds(5));
    EXPECT_EQ(back_off(seconds(5), 1, minutes(1)), seconds(10));
    EXPECT_EQ(back_off(seconds(5), 3, minutes(1)), seconds(40));
    EXPECT_EQ(back_off(seconds(5), 4, minutes(1)), minutes(1));
    EXPECT_EQ(back_off(seconds(5), INT_MAX, minutes(1)), minutes(1));
    EXPECT_EQ(back_off(hours(2), 3, hours(1)), hours(1));
    EXPECT_EQ(back_off(microseconds(1), INT_MAX, kForever), kForever);
}

}  // namespace
}  // namespace herder
