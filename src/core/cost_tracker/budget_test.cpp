#include "core/cost_tracker/budget.h"

#include <gtest/gtest.h>

#include "base/record.h"

namespace herder {
namespace {

// 2026-11-23T12:00:00Z, a Monday; day 20780 since 1970.
constexpr WallTime kMonday{1'795'435'200LL * 1'000'000};

BudgetSpec team_budget() {
    BudgetSpec budget;
    budget.name = "team-nlp";
    budget.team = "nlp";
    budget.limit = usd_cents(50'000);
    budget.window = BudgetWindow::kMonth;
    return budget;
}

TEST(Budget, CoversByScopeLabelsOrName) {
    JobSpec job;
    job.team = "nlp";
    job.project = "bert";
    job.user = "ann";
    job.labels = {{"grant", "g1"}, {"x", "y"}};
    BudgetSpec budget = team_budget();
    EXPECT_TRUE(covers(budget, job));
    budget.project = "gpt";
    EXPECT_FALSE(covers(budget, job));
    job.budget = "team-nlp";
    EXPECT_TRUE(covers(budget, job)) << "a job that names its budget counts against it";
    job.budget.clear();
    budget.project = "bert";
    budget.user = "bob";
    EXPECT_FALSE(covers(budget, job));
    budget.user = "ann";
    budget.labels = {{"grant", "g1"}};
    EXPECT_TRUE(covers(budget, job));
    budget.labels = {{"grant", "g2"}};
    EXPECT_FALSE(covers(budget, job));
    budget.labels = {{"absent", ""}};
    EXPECT_FALSE(covers(budget, job));
    EXPECT_TRUE(covers(BudgetSpec{}, job)) << "an empty scope covers everything";
}

TEST(Budget, ParentsCountTooAndARingOfParentsEnds) {
    BudgetSpec child = team_budget();
    child.parent = "company";
    BudgetSpec company;
    company.name = "company";
    company.team = "no such team";
    company.parent = "team-nlp";
    BudgetSpec other;
    other.name = "other";
    other.team = "vision";
    JobSpec job;
    job.team = "nlp";
    const std::vector<BudgetSpec> budgets = {company, other, child};
    const auto found = budgets_of(budgets, job);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(budgets[found[0]].name, "company");
    EXPECT_EQ(budgets[found[1]].name, "team-nlp");
}

TEST(BudgetWindow, StartsAreUtcDaysMondaysAndFirsts) {
    EXPECT_EQ(kMonday.day(), 20'780);
    EXPECT_EQ(window_start(BudgetWindow::kTotal, kMonday), 0);
    EXPECT_EQ(window_start(BudgetWindow::kDay, kMonday), 20'780);
    EXPECT_EQ(window_start(BudgetWindow::kWeek, kMonday), 20'780);
    EXPECT_EQ(window_start(BudgetWindow::kWeek, kMonday + days(6)), 20'780);
    EXPECT_EQ(window_start(BudgetWindow::kWeek, kMonday + days(7)), 20'787);
    EXPECT_EQ(window_start(BudgetWindow::kMonth, kMonday), 20'780 - 22);
}

TEST(BudgetWindow, MonthsFollowTheCalendarThroughLeapYears) {
    // Walks four centuries and compares with a plain calendar.
    std::int64_t day = 0;
    for (int year = 1970; year < 2370; ++year) {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (const int length : {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}) {
            for (const int offset : {0, length - 1}) {
                const WallTime now{(day + offset) * days(1).us + 5};
                ASSERT_EQ(window_start(BudgetWindow::kMonth, now), day) << year;
            }
            day += length;
        }
    }
}

TEST(WorstCase, IsPriceTimesTheTimeLeftAndTheTimeToKill) {
    JobSpec spec;
    const UsdPerHour price = usd_per_hour_micros(400'000);
    EXPECT_EQ(worst_case(price, spec, hours(9), Usd{}), usd_micros(500'000)) << "1 h and 15 min";
    spec.limits.max_duration = hours(2);
    EXPECT_EQ(worst_case(price, spec, Duration{}, Usd{}), usd_micros(900'000));
    EXPECT_EQ(worst_case(price, spec, hours(1), Usd{}), usd_micros(500'000));
    EXPECT_EQ(worst_case(price, spec, hours(3), Usd{}), usd_micros(100'000)) << "time to kill only";
}

TEST(WorstCase, IsCappedByWhatMaxCostLeavesAndNeverNegative) {
    JobSpec spec;
    spec.limits.max_duration = hours(10);
    spec.limits.max_cost = usd_cents(300);
    const UsdPerHour price = usd_per_hour_micros(1'000'000);
    EXPECT_EQ(worst_case(price, spec, Duration{}, Usd{}), usd_cents(300));
    EXPECT_EQ(worst_case(price, spec, Duration{}, usd_cents(250)), usd_cents(50));
    EXPECT_EQ(worst_case(price, spec, Duration{}, usd_cents(301)), Usd{});
}

TEST(Objection, SaysWhatIsNeededAndWhatIsLeft) {
    const BudgetUse use{.spent = usd_cents(48'790), .reserved = {}};
    EXPECT_EQ(find_objection(team_budget(), use, usd_cents(4'000), {}),
              "job needs up to $40.00; budget 'team-nlp' has $12.10 left of $500.00 this month");
}

TEST(Objection, TellsHowMuchIsReserved) {
    const BudgetUse use{.spent = usd_cents(40'000), .reserved = usd_cents(11'000)};
    EXPECT_EQ(find_objection(team_budget(), use, usd_cents(1), {}),
              "job needs up to $0.01; budget 'team-nlp' has $0.00 left of $500.00 this month "
              "($110.00 is reserved for jobs that are running)");
}

TEST(Objection, TheLastCentMayBeReservedButNotMore) {
    const BudgetUse use{.spent = usd_cents(49'000), .reserved = usd_cents(900)};
    EXPECT_EQ(find_objection(team_budget(), use, usd_cents(100), {}), std::nullopt);
    EXPECT_TRUE(find_objection(team_budget(), use, usd_micros(1'000'001), {}));
}

TEST(Objection, BurnRateAndCostOfOneJobHaveTheirOwnLimits) {
    BudgetSpec budget = team_budget();
    budget.burn_rate_max = usd_per_hour_micros(4'000'000);
    budget.job_cost_max = usd_cents(2'500);
    const BudgetUse use{.spent = {}, .reserved = {}, .burning = usd_per_hour_micros(3'000'000)};
    EXPECT_EQ(find_objection(budget, use, usd_cents(2'500), usd_per_hour_micros(1'000'000)),
              std::nullopt);
    EXPECT_EQ(find_objection(budget, use, usd_cents(2'501), {}),
              "job needs up to $25.01; budget 'team-nlp' allows at most $25.00 for one job");
    EXPECT_EQ(find_objection(budget, use, usd_cents(100), usd_per_hour_micros(2'000'000)),
              "job would burn $2.00/h on top of $3.00/h; budget 'team-nlp' allows at most $4.00/h "
              "at a time");
}

TEST(BudgetSpec, SurvivesStorage) {
    BudgetSpec budget = team_budget();
    budget.labels = {{"a", "b"}};
    budget.parent = "company";
    budget.burn_rate_max = usd_per_hour_micros(1);
    const auto restored = from_record<BudgetSpec>(to_record(budget));
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(*restored, budget);
}

}  // namespace
}  // namespace herder
