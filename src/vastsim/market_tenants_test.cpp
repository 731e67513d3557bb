#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Tenants, AHigherBidOutbidsAndMinBidTellsTheFloor) {
    Scenario scenario = calm_scenario();
    scenario.tenant_interval = minutes(10);
    Market market(scenario, 1, kStart);
    market.set_credit(usd_cents(10'000'000));
    const ContractNumber id = boot(market, true);
    for (int i = 0; i < 200 && !market.contracts().at(id).outbid; ++i)
        market.advance(market.now() + minutes(10));
    ASSERT_TRUE(market.contracts().at(id).outbid);
    const Contract& contract = market.contracts().at(id);
    EXPECT_GT(market.min_bid(market.machine_of(contract), contract.first_gpu, contract.gpu_count),
              *contract.bid);
}

TEST(Tenants, NobodyTakesAnOnDemandMachine) {
    Scenario scenario = calm_scenario();
    scenario.tenant_interval = minutes(5);
    Market market(scenario, 1, kStart);
    market.set_credit(usd_cents(10'000'000));
    const ContractNumber id = boot(market, false);
    market.advance(market.now() + hours(48));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
}

TEST(Tenants, ThousandsOfMachinesAreCheap) {
    Scenario scenario = calm_scenario();
    scenario.machines = 3'000;
    scenario.tenant_interval = hours(1);
    scenario.price_step = minutes(10);
    Market market(scenario, 1, kStart);
    market.advance(kStart + hours(2));
    EXPECT_GT(market.offers(true, 8'000).size(), 15'000U);
}

}  // namespace
}  // namespace herder::vastsim
