#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

DayCharges all_days(const Contract& contract) {
    DayCharges sum;
    for (const auto& [day, charges] : contract.days) {
        sum.gpu += charges.gpu;
        sum.gpu_us += charges.gpu_us;
        sum.disk += charges.disk;
    }
    return sum;
}

TEST(Billing, LoadingBillsOnlyTheDiskAndRunningBillsBoth) {
    Scenario s = calm_scenario();
    s.provisioning = s.created = {seconds(10), seconds(10)};
    s.image_pull = {seconds(100), seconds(100)};
    Market market(s, 1, kStart);
    const ContractNumber id = rent(market, true);
    market.advance(kStart + seconds(120));
    EXPECT_EQ(all_days(market.contracts().at(id)).gpu, 0);
    market.advance(kStart + seconds(120) + hours(1));
    (void)market.cost_of(id);
    const Contract& contract = market.contracts().at(id);
    EXPECT_EQ(all_days(contract).gpu, contract.gpu_rate.micros * hours(1).us);
    EXPECT_EQ(all_days(contract).disk, contract.storage_rate.micros * (hours(1) + seconds(120)).us);
}

TEST(Billing, StoppedBillsDiskOfflineBillsNothing) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.outbid(id, hours(100)));
    (void)market.cost_of(id);
    const DayCharges before = all_days(market.contracts().at(id));
    market.advance(market.now() + hours(2));
    ASSERT_TRUE(market.go_offline(id, false));
    const DayCharges stopped = all_days(market.contracts().at(id));
    EXPECT_EQ(stopped.gpu, before.gpu);
    EXPECT_EQ(stopped.disk - before.disk,
              market.contracts().at(id).storage_rate.micros * hours(2).us);
    market.advance(market.now() + hours(5));
    (void)market.cost_of(id);
    EXPECT_EQ(all_days(market.contracts().at(id)).disk, stopped.disk);
}

TEST(Billing, BidIsChargedAtMostTheOnDemandPrice) {
    Market market(calm_scenario(), 1, kStart);
    const Offer offer = cheapest(market, true);
    CreateRequest request = request_for(offer);
    request.price = offer.on_demand * 3;
    const CreateOutcome outcome = market.create(request);
    const ContractNumber id = std::get<Created>(outcome).id;
    EXPECT_EQ(market.contracts().at(id).gpu_rate, offer.on_demand);
    market.change_bid(id, offer.min_bid);
    EXPECT_EQ(market.contracts().at(id).gpu_rate, offer.min_bid);
}

TEST(Billing, CreditFallsByExactlyTheSumOfTheContracts) {
    Scenario s = hostile_scenario();
    Market market(s, 5, kStart);
    std::vector<ContractNumber> ids;
    for (int i = 0; i < 12; ++i) {
        const CreateOutcome outcome = market.create(request_for(cheapest(market, i % 2 == 0)));
        if (const Created* created = std::get_if<Created>(&outcome)) ids.push_back(created->id);
        market.advance(market.now() + hours(3));
        if (i % 3 == 2) market.destroy(ids[ids.size() / 2]);
    }
    Usd sum;
    for (const auto& [id, contract] : market.contracts())
        sum += market.cost_of(id);
    EXPECT_EQ(market.spent(), sum);
    market.advance(market.now() + s.credit_refresh);
    Usd later;
    for (const auto& [id, contract] : market.contracts())
        later += market.cost_of(id);
    EXPECT_EQ(s.credit - market.credit(), later);
}

TEST(Billing, ChargesAreSplitByDayAndStayAfterDestroy) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    market.advance(kStart + hours(30));
    market.destroy(id);
    const auto rows = market.charges(kStart.day(), kStart.day() + 2);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].label, "t-1");
    Usd sum;
    for (const ChargeRow& row : rows)
        sum += usd_of_product(row.charges.gpu) + usd_of_product(row.charges.disk);
    EXPECT_EQ(sum, market.cost_of(id));
    EXPECT_TRUE(market.charges(kStart.day() + 5, kStart.day() + 9).empty());
}

}  // namespace
}  // namespace herder::vastsim
