#include "api/metric_series.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace herder::api {
namespace {

TEST(MetricSeries, FewValuesStayAsTheyAre) {
    MetricSeries series(4);
    for (int step = 1; step <= 4; ++step)
        series.add(point_of(step, std::nullopt, step * 0.5, 1));
    ASSERT_EQ(series.points().size(), 4U);
    EXPECT_FALSE(series.is_thinned());
    EXPECT_EQ(series.points()[2], point_of(3, std::nullopt, 1.5, 1));
}

TEST(MetricSeries, ManyValuesKeepTheirExtremesAndTheirEnd) {
    MetricSeries series(100);
    for (int step = 1; step <= 100'000; ++step)
        series.add(point_of(step, std::nullopt, step == 777 ? 1e9 : step, 1));
    EXPECT_LE(series.points().size(), 100U);
    EXPECT_GE(series.points().size(), 50U);
    EXPECT_TRUE(series.is_thinned());
    const MetricPoint all = series.whole();
    EXPECT_EQ(all.count, 100'000);
    EXPECT_EQ(all.max, 1e9);
    EXPECT_EQ(all.min, 1);
    EXPECT_EQ(all.last, 100'000);
    EXPECT_EQ(series.first_step(), 1);
    std::int64_t before = 0;
    for (const MetricPoint& point : series.points()) {
        EXPECT_GT(point.step, before);
        before = point.step;
    }
}

TEST(MetricSeries, WhatIsNoNumberDoesNotHideTheOthers) {
    MetricSeries series(2);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    series.add(point_of(1, std::nullopt, 3, 1));
    series.add(point_of(2, std::nullopt, nan, 1));
    EXPECT_TRUE(std::isnan(series.points()[1].min));
    const MetricPoint all = series.whole();
    EXPECT_EQ(all.min, 3);
    EXPECT_TRUE(std::isnan(all.last)) << "the newest value is told as it is";
}

}  // namespace
}  // namespace herder::api
