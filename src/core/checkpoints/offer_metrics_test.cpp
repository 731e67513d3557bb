#include "core/checkpoints/offer_metrics.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(OfferMetrics, WhatDoesNotFitIsDroppedAndSaid) {
    std::map<std::string, std::string> metrics{{"loss", "0.5"}, {"none", ""}};
    EXPECT_EQ(drop_unfit_metrics(metrics), "");
    metrics[""] = "1";
    metrics["note"] = std::string(257, 'x');
    EXPECT_NE(find_metric_fault(metrics), "");
    EXPECT_TRUE(drop_unfit_metrics(metrics).starts_with(
        "checkpoints are published without some of their metrics (2 of 4)"));
    EXPECT_EQ(metrics, (std::map<std::string, std::string>{{"loss", "0.5"}, {"none", ""}}));
    for (int i = 0; i < 300; ++i)
        metrics["m" + std::to_string(i)] = "1";
    EXPECT_EQ(find_metric_fault(metrics), "more than 200 metrics");
    EXPECT_NE(drop_unfit_metrics(metrics), "");
    EXPECT_EQ(metrics.size(), 200U);
    EXPECT_EQ(find_metric_fault(metrics), "");
}

}  // namespace
}  // namespace herder
