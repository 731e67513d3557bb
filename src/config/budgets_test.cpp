#include "config/budgets.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

TEST(Budgets, AreReadWithScopeAndLimits) {
    const std::string text =
        "budgets:\n"
        "  lora: {scope: {project: nlp, labels: {a: b}}, limit: 12.5, window: week,\n"
        "         parent: team, max_burn_rate: 3, max_job_cost: 4}\n"
        "  team: {scope: {team: nlp}, limit: 100}\n";
    Diagnostics out("budgets.yaml", text);
    const std::vector<BudgetSpec> budgets = parse_budgets(text, out);
    EXPECT_EQ(out.to_text(), "");
    ASSERT_EQ(budgets.size(), 2U);
    EXPECT_EQ(budgets[0].project, "nlp");
    EXPECT_EQ(budgets[0].labels.at("a"), "b");
    EXPECT_EQ(budgets[0].limit, usd_cents(1250));
    EXPECT_EQ(budgets[0].window, BudgetWindow::kWeek);
    EXPECT_EQ(budgets[0].burn_rate_max, usd_per_hour_micros(3'000'000));
    EXPECT_EQ(budgets[0].parent, "team");
    EXPECT_EQ(budgets[1].window, BudgetWindow::kMonth);
}

TEST(Budgets, AChainOfParentsMustEnd) {
    const std::string text = "budgets: {a: {limit: 1, parent: b}, b: {limit: 1, parent: b}}";
    Diagnostics out("budgets.yaml", text);
    (void)parse_budgets(text, out);
    EXPECT_EQ(out.error_count(), 1U);
}

TEST(Budgets, WindowsHaveWords) {
    EXPECT_STREQ(to_string(BudgetWindow::kTotal), "total");
    EXPECT_STREQ(to_string(BudgetWindow::kDay), "day");
}

}  // namespace
}  // namespace herder::config
