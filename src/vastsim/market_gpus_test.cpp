#include <gtest/gtest.h>

#include <cmath>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Offers, PricesAreComposedOfGpuAndStorage) {
    Market market(calm_scenario(), 3, kStart);
    for (const bool bid : {false, true}) {
        for (const Offer& offer : market.offers(bid, 40'000)) {
            const double storage_cost =
                static_cast<double>(offer.machine->storage_micros_per_gb_month) / 1e6;
            const double composed =
                static_cast<double>(offer.dph_base.micros) / 1e6 + storage_cost * 40 / 720;
            EXPECT_LT(std::fabs(static_cast<double>(offer.dph_total().micros) / 1e6 - composed),
                      1e-6);
            EXPECT_EQ(offer.dph_base, bid ? offer.min_bid : offer.on_demand);
            EXPECT_LT(offer.min_bid, offer.on_demand);
        }
    }
}

TEST(Offers, OfflineMachinesVanishFromTheSearch) {
    Market market(calm_scenario(), 3, kStart);
    const ContractNumber id = boot(market, true);
    const std::int64_t machine = market.contracts().at(id).machine_id;
    ASSERT_TRUE(market.go_offline(id, false));
    for (const Offer& offer : market.offers(true, 10'000))
        EXPECT_NE(offer.machine->id, machine);
}

TEST(Tenants, TakeGpusAndRaiseTheLowestBid) {
    Scenario busy = calm_scenario();
    busy.tenant_interval = minutes(20);
    Market market(busy, 4, kStart);
    market.advance(kStart + hours(12));
    int raised = 0;
    int taken = 0;
    for (const Offer& offer : market.offers(true, 10'000)) {
        const auto gpus = static_cast<std::int64_t>(offer.ask.gpu_count);
        if (offer.min_bid > offer.machine->floor_per_gpu * gpus) ++raised;
        if (!offer.rentable) ++taken;
    }
    EXPECT_GT(raised, 0);
    EXPECT_GT(taken, 0);
}

TEST(Tenants, OutbidInterruptibleRentalsButNeverOnDemandOnes) {
    Scenario busy = calm_scenario();
    busy.tenant_interval = minutes(20);
    Market market(busy, 4, kStart);
    const ContractNumber bid = rent(market, true);
    const ContractNumber fixed = rent(market, false);
    market.advance(kStart + hours(72));
    const auto was_outbid = [&](ContractNumber id) {
        const auto& history = market.contracts().at(id).history;
        return std::any_of(history.begin(), history.end(),
                           [](const HistoryEntry& e) { return e.what == "outbid"; });
    };
    EXPECT_TRUE(was_outbid(bid));
    EXPECT_FALSE(was_outbid(fixed));
}

TEST(Prices, WalkAffectsNewRentalsOnly) {
    Scenario moving = calm_scenario();
    moving.price_step = minutes(10);
    Market market(moving, 4, kStart);
    const ContractNumber id = rent(market, false);
    const UsdPerHour locked = market.contracts().at(id).gpu_rate;
    market.advance(kStart + hours(20));
    EXPECT_EQ(market.contracts().at(id).gpu_rate, locked);
    EXPECT_NE(market.machine_of(market.contracts().at(id)).on_demand_per_gpu, locked);
}

}  // namespace
}  // namespace herder::vastsim
