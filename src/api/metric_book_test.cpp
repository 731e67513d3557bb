#include "api/metric_book.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace herder::api {
namespace {

std::string line(std::int64_t step, const std::string& name, double value) {
    return R"({"step":)" + std::to_string(step) + ",\"" + name +
           "\":" + protocol::metric_word(value, true) + "}\n";
}

std::vector<std::int64_t> steps_of(const MetricSeries& series) {
    std::vector<std::int64_t> steps;
    for (const MetricPoint& point : series.points())
        steps.push_back(point.step);
    return steps;
}

TEST(MetricBook, AStepThatWasRepeatedAfterAMoveIsShownOnce) {
    MetricBook book(100, "");
    book.add(2, line(3, "loss", 0.3) + line(4, "loss", 0.2));
    book.next_older_attempt();
    book.add(1, line(1, "loss", 9) + line(2, "loss", 8) + line(3, "loss", 7) + line(9, "loss", 6));
    const auto all = book.series();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(steps_of(all.at("loss")), (std::vector<std::int64_t>{1, 2, 3, 4}));
    EXPECT_EQ(all.at("loss").points()[2].last, 0.3);
    EXPECT_EQ(all.at("loss").points()[1].attempt, 1U);
}

TEST(MetricBook, TextMayBeCutAnywhere) {
    const std::string text = line(1, "a", 1) + line(2, "a", 2) + line(3, "b", 3);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        MetricBook book(100, "");
        book.add(1, text.substr(0, cut));
        book.add(1, text.substr(cut));
        EXPECT_EQ(book.series().at("a").points().size(), 2U) << cut;
        EXPECT_EQ(book.series().at("b").points().size(), 1U) << cut;
        EXPECT_EQ(book.bad_lines(), 0) << cut;
    }
}

TEST(MetricBook, CountsWhatIsNoMetricAndGoesOn) {
    MetricBook book(100, "a");
    book.add(1, "step 1\n" + line(1, "a", 1) + "\n" + line(1, "b", 1) + "{\"step\":2,\"a\"");
    book.next_older_attempt();
    EXPECT_EQ(book.bad_lines(), 1) << "the cut end of a lost machine is no mistake";
    EXPECT_EQ(book.bad_line(), "the line is no JSON object");
    EXPECT_EQ(book.series().size(), 1U) << "only the one that was asked for";
}

TEST(MetricBook, AMissingPieceCostsItsLinesOnly) {
    MetricBook book(100, "");
    book.add(1, line(1, "a", 1) + "{\"step\":2,");
    book.pass_gap();
    book.add(1, "\"a\":7}\n" + line(9, "a", 9));
    EXPECT_EQ(steps_of(book.series().at("a")), (std::vector<std::int64_t>{1, 9}));
    EXPECT_EQ(book.bad_lines(), 0);
    book.pass_gap();
    book.add(1, line(11, "a", 9));
    EXPECT_EQ(steps_of(book.series().at("a")), (std::vector<std::int64_t>{1, 9, 11}))
        << "pieces end with a line as a rule";
}

TEST(MetricBook, ManyAttemptsTakeTheRoomOfOne) {
    MetricBook book(10, "");
    for (std::uint64_t attempt = 50; attempt > 0; --attempt) {
        const auto first = static_cast<std::int64_t>(attempt) * 20;
        for (std::int64_t step = first; step < first + 20; ++step)
            book.add(attempt, line(step, "a", static_cast<double>(step)));
        book.next_older_attempt();
    }
    const MetricSeries all = book.series().at("a");
    EXPECT_LE(all.points().size(), 10U);
    EXPECT_EQ(all.whole().count, 1000);
    EXPECT_EQ(all.whole().min, 20);
    EXPECT_EQ(all.whole().max, 1019);
    EXPECT_EQ(all.whole().last, 1019);
    EXPECT_EQ(all.first_step(), 20);
    EXPECT_TRUE(std::is_sorted(all.points().begin(), all.points().end(),
                               [](const auto& a, const auto& b) { return a.step < b.step; }));
}

TEST(MetricBook, ThousandsOfNamesAreCutAndTold) {
    MetricBook book(10, "");
    for (int i = 0; i < 1001; ++i)
        book.add(1, line(1, "m" + std::to_string(i), 1));
    EXPECT_EQ(book.series().size(), 1000U);
    EXPECT_TRUE(book.has_too_many());
}

}  // namespace
}  // namespace herder::api
