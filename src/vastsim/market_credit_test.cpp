#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Credit, AtZeroEverythingStopsAndStartIsRefused) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, false);
    market.set_credit(usd_micros(10));
    market.advance(market.now() + minutes(5));
    EXPECT_EQ(market.contracts().at(id).reported.cur, ContractState::kStopped);
    EXPECT_EQ(market.start(id), StartOutcome::kNoCredit);
}

TEST(Credit, DebtThatGrowsTooLargeDestroysEverything) {
    Scenario scenario = calm_scenario();
    scenario.debt_buffer = hours(1);
    Market market(scenario, 1, kStart);
    const ContractNumber id = boot(market, false);
    market.set_credit(usd_micros(10));
    market.advance(market.now() + minutes(5));
    EXPECT_NE(market.find_listed(id), nullptr) << "the disk bills on";
    market.advance(market.now() + hours(24 * 60));
    EXPECT_EQ(market.find_listed(id), nullptr);
}

TEST(Credit, TheCardPaysAfterItsDelay) {
    Scenario scenario = calm_scenario();
    scenario.autobill_amount = usd_cents(500);
    scenario.autobill_delay = minutes(8);
    scenario.topup_resumes = true;
    Market market(scenario, 1, kStart);
    const ContractNumber id = boot(market, false);
    market.set_credit(usd_micros(10));
    market.advance(market.now() + minutes(5));
    EXPECT_EQ(market.contracts().at(id).cur, ContractState::kStopped);
    market.advance(market.now() + minutes(6));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
    EXPECT_EQ(market.invoices().back().amount, usd_cents(-500));
}

}  // namespace
}  // namespace herder::vastsim
