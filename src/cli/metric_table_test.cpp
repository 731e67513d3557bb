#include "cli/metric_table.h"

#include <gtest/gtest.h>

#include <map>

namespace herder::cli {
namespace {

struct MetricTableTest : ::testing::Test {
    Result<std::string> csv(std::vector<std::string> names = {}, std::int64_t from = 1,
                            std::int64_t to = 2) {
        std::string all;
        MetricTable table(
            [this](std::int64_t attempt, const std::function<void(std::string_view)>& on_text) {
                const std::string& text = attempts[attempt];
                on_text(std::string_view(text).substr(0, text.size() / 2));
                on_text(std::string_view(text).substr(text.size() / 2));
                return ok();
            },
            {from, to, std::move(names)});
        const Status done = table.write_csv([&all](const std::string& row) { all += row + "\n"; });
        bad_lines = table.bad_lines();
        if (!done) return done.error();
        return all;
    }
    std::map<std::int64_t, std::string> attempts{
        {1,
         "{\"step\":1,\"t\":10.5,\"loss\":3}\n{\"step\":2,\"loss\":2,\"acc\":0.5}\n"
         "{\"step\":3,\"loss\":9}\n{\"step\":3,\"acc\":0.6}\n"},
        {2, "{\"step\":3,\"loss\":1.25}\nnonsense\n{\"step\":4,\"loss\":\"NaN\"}\n{\"step\":5,"}};
    std::int64_t bad_lines = 0;
};

TEST_F(MetricTableTest, StepsThatWereRepeatedAreThereOnce) {
    EXPECT_EQ(csv().value(),
              "step,time,attempt,acc,loss\n"
              "1,10.5,1,,3\n"
              "2,,1,0.5,2\n"
              "3,,1,0.6,\n"
              "3,,2,,1.25\n"
              "4,,2,,NaN\n");
    EXPECT_EQ(bad_lines, 1) << "the half line at the end is none yet";
}

TEST_F(MetricTableTest, OneAttemptIsShownAsItWas) {
    EXPECT_EQ(csv({"loss"}, 1, 1).value(), "step,time,attempt,loss\n1,10.5,1,3\n2,,1,2\n3,,1,9\n");
}

TEST_F(MetricTableTest, AMetricThatIsNotThereIsNamed) {
    const auto wrong = csv({"lss"});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(wrong.error().message, "there is no metric 'lss'; did you mean 'loss'?");
    EXPECT_EQ(no_such_metric("loss", {}).message,
              "there is no metric 'loss'; nothing was measured");
}

TEST_F(MetricTableTest, NamesAreQuotedWhereACommaWouldSplitThem) {
    EXPECT_EQ(csv_field("train/loss"), "train/loss");
    EXPECT_EQ(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
}

}  // namespace
}  // namespace herder::cli
