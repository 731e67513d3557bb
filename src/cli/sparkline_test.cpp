#include "cli/sparkline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace herder::cli {
namespace {

TEST(Sparkline, ShowsHowANumberWent) {
    EXPECT_EQ(sparkline({1, 2, 3, 4, 5, 6, 7, 8}, true), "▁▂▃▄▅▆▇█");
    EXPECT_EQ(sparkline({8, 1}, false), "#_");
    EXPECT_EQ(sparkline({3, 3}, true), "▁▁") << "what does not move is flat";
    EXPECT_EQ(sparkline({}, true), "");
}

TEST(Sparkline, WhatIsNoNumberIsSeen) {
    const double infinite = std::numeric_limits<double>::infinity();
    EXPECT_EQ(sparkline({1, std::nan(""), infinite, std::nullopt, 2}, true), "▁!!!█");
    EXPECT_EQ(sparkline({std::nan("")}, true), "!");
}

TEST(Sparkline, HugeNumbersHaveAHeightToo) {
    EXPECT_EQ(sparkline({-1.7e308, 0, 1.7e308}, true), "▁▅█");
}

TEST(Sparkline, IsAsLongAsIsWanted) {
    EXPECT_EQ(sparkline(stretched({1, 8}, 5), false), "__###");
    EXPECT_EQ(stretched({1, 2, 3, 8}, 2), (std::vector<std::optional<double>>{1, 8}))
        << "the last one is the newest";
    EXPECT_TRUE(stretched({}, 5).empty());
}

TEST(Sparkline, NumbersAreShort) {
    EXPECT_EQ(short_number(0.179812), "0.1798");
    EXPECT_EQ(short_number(12), "12");
    EXPECT_EQ(short_number(0.0000123), "1.23e-05");
    EXPECT_EQ(short_number(std::nan("")), "NaN");
}

}  // namespace
}  // namespace herder::cli
