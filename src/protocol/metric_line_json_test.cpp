#include "protocol/metric_line_json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace herder::protocol {
namespace {

TEST(MetricLineJson, ReadsWhatTheSdkWrites) {
    const auto line =
        parse_metric_line(R"({"step":7,"t":1790000000.5,"loss":0.41,"n":3,"ok":true,"who":"me"})");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->step, 7);
    EXPECT_EQ(line->time, 1790000000.5);
    const std::vector<std::pair<std::string, double>> values{{"loss", 0.41}, {"n", 3}, {"ok", 1}};
    EXPECT_EQ(line->values, values);
}

TEST(MetricLineJson, KeepsWhatJsonHasNoNumberFor) {
    const auto line =
        parse_metric_line(R"({"step":1,"a":"NaN","b":"Infinity","c":"-Infinity","d":null})");
    ASSERT_TRUE(line);
    ASSERT_EQ(line->values.size(), 3U);
    EXPECT_TRUE(std::isnan(line->values[0].second));
    EXPECT_EQ(metric_word(line->values[0].second, true), "\"NaN\"");
    EXPECT_EQ(metric_word(line->values[1].second, false), "Infinity");
    EXPECT_EQ(metric_word(line->values[2].second, false), "-Infinity");
    EXPECT_EQ(metric_word(0.1, true), "0.1");
    EXPECT_EQ(metric_word(1e300, true), "1e+300");
}

TEST(MetricLineJson, SaysWhatIsWrong) {
    for (const char* text : {"", "step 1", "[1]", R"({"loss":1})", R"({"step":1.5,"loss":1})",
                             R"({"step":"1","loss":1})", R"({"step":1,"loss":0.)"}) {
        EXPECT_FALSE(parse_metric_line(text)) << text;
    }
    EXPECT_FALSE(
        parse_metric_line(R"({"step":1,"x":")" + std::string(kMetricLineMax, 'x') + "\"}"));
    const auto named = [](std::size_t size) {
        return parse_metric_line(R"({"step":1,")" + std::string(size, 'x') + "\":2}");
    };
    EXPECT_TRUE(named(kMetricNameMax));
    EXPECT_FALSE(named(kMetricNameMax + 1)) << "a thousand of them must fit into memory";
}

TEST(MetricLineage, WhatALaterAttemptDidAgainWasUndone) {
    MetricLineage lineage;
    EXPECT_TRUE(lineage.take("loss", 52)) << "the newest attempt counts as a whole";
    EXPECT_TRUE(lineage.take("loss", 51));
    lineage.next_older_attempt();
    EXPECT_TRUE(lineage.take("loss", 50));
    EXPECT_FALSE(lineage.take("loss", 51));
    EXPECT_FALSE(lineage.take("loss", 57)) << "also those that it has not come to yet";
    EXPECT_TRUE(lineage.take("eval", 57)) << "each metric for itself";
    lineage.next_older_attempt();
    EXPECT_FALSE(lineage.take("eval", 57));
    EXPECT_TRUE(lineage.take("loss", 49));
    EXPECT_FALSE(lineage.take("loss", 50)) << "attempt two began at 50";
}

}  // namespace
}  // namespace herder::protocol
