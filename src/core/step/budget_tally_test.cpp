// The tally equals the plain reading of all rentals, whatever has happened. The bench asserts the
// same after every input of every other test of the core.
#include "core/step/budget_tally.h"

#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

constexpr WallTime kWall{1'790'000'000'000'000};

BudgetSpec budget_over(const std::string& name, BudgetWindow window) {
    BudgetSpec budget;
    budget.name = name;
    budget.limit = usd_cents(10'000);
    budget.window = window;
    return budget;
}

void charge(Bench& bench, std::int64_t day, Usd amount) {
    input::ChargesRead read;
    read.complete = true;
    read.asked = bench.now;
    read.charges = {Charge{{bench.contract, day, ChargeKind::kGpu}, amount, IntentId{}}};
    bench.feed(read);
}

void settle(Bench& bench) {
    bench.run();
    bench.finish();
    bench.vanish();
    bench.tick(hours(2));
    charge(bench, kWall.day(), usd_cents(30));
}

// What the core itself has kept, not what a fresh tally would find.
Usd kept_spent(const Bench& bench, WallTime wall) {
    BudgetTally tally = bench.state().tally;
    return tally.gather(bench.state(), bench.now, wall).at(0).spent;
}

TEST(BudgetTally, ARentalThatIsOverStaysCounted) {
    Bench bench;
    bench.budgets({budget_over("all", BudgetWindow::kTotal)});
    settle(bench);
    ASSERT_EQ(bench.rent_phase(), "settled");
    EXPECT_EQ(kept_spent(bench, kWall + (bench.now - Instant{})), usd_cents(30));
}

TEST(BudgetTally, ALateChargeOfARentalThatIsOverCountsOnce) {
    Bench bench;
    bench.budgets({budget_over("all", BudgetWindow::kTotal)});
    settle(bench);
    charge(bench, kWall.day(), usd_cents(45));
    charge(bench, kWall.day(), usd_cents(45));
    EXPECT_EQ(kept_spent(bench, kWall + (bench.now - Instant{})), usd_cents(45));
}

TEST(BudgetTally, ANewDayOpensABudgetByDay) {
    Bench bench;
    bench.budgets({budget_over("today", BudgetWindow::kDay)});
    settle(bench);
    EXPECT_EQ(kept_spent(bench, kWall), usd_cents(30));
    EXPECT_EQ(kept_spent(bench, kWall + days(2)), Usd{});
}

TEST(BudgetTally, OtherBudgetsAndARestartAreReadAnew) {
    Bench bench;
    bench.budgets({budget_over("all", BudgetWindow::kTotal)});
    settle(bench);
    BudgetSpec other = budget_over("other", BudgetWindow::kTotal);
    other.team = "somebody else";
    bench.budgets({other});
    EXPECT_EQ(kept_spent(bench, kWall), Usd{});
    bench.budgets({budget_over("all", BudgetWindow::kTotal)});
    bench.restart();
    EXPECT_EQ(kept_spent(bench, kWall), usd_cents(30));
}

}  // namespace
}  // namespace herder
