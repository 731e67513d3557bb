#include <gtest/gtest.h>

#include "sim/provider_calls_fixture.h"

namespace herder::sim {

namespace {

struct ProviderReadsTest : ProviderCallsFixture {
    ProviderReadsTest() : ProviderCallsFixture(30) {}
    ContractId rent() { return provider.create(call(), false); }
    input::MachinesListed list() {
        answers.clear();
        calls.list(Instant{}, keep());
        run_for(minutes(5));
        return std::get<input::MachinesListed>(answers.at(0));
    }
};

TEST_F(ProviderReadsTest, ListingHasAllPages) {
    for (int i = 0; i < 11; ++i)
        rent();
    run_for(minutes(1));
    const input::MachinesListed listed = list();
    EXPECT_TRUE(listed.complete);
    EXPECT_EQ(listed.machines.size(), 11U);
}

TEST_F(ProviderReadsTest, ListingThatAMachineLeavesBetweenTwoPagesIsWalkedOnceMore) {
    for (int i = 0; i < 7; ++i)
        rent();
    const ContractId first = rent();
    run_for(minutes(1));
    calls.list(Instant{}, keep());
    run_for(milliseconds(2'600));  // the first page has been read
    ASSERT_TRUE(answers.empty());
    provider.destroy(first);
    run_for(minutes(5));
    const auto& listed = std::get<input::MachinesListed>(answers.at(0));
    EXPECT_TRUE(listed.complete);
    EXPECT_EQ(listed.machines.size(), 7U);
    EXPECT_GT(stage.marks.hits(Mark::kListTorn), 0U);
}

TEST_F(ProviderReadsTest, ListingInAnOutageIsIncomplete) {
    rent();
    provider.begin_outage(hours(1));
    EXPECT_FALSE(list().complete);
}

TEST_F(ProviderReadsTest, PriceIsThatOfAllGpus) {
    effect::SearchOffers wanted;
    wanted.gpu_name = "RTX_4090";
    wanted.gpu_count = 2;
    calls.search(wanted, keep());
    run_for(minutes(1));
    const auto& found = std::get<input::OffersFound>(answers.at(0));
    EXPECT_TRUE(found.complete);
    ASSERT_FALSE(found.offers.empty());
    const Offer& offer = found.offers.front();
    EXPECT_GE(offer.gpu_price, provider.machine(offer.machine)->on_demand);
}

TEST_F(ProviderReadsTest, ChargesAreTheBill) {
    rent();
    run_for(hours(2));
    calls.charges({0, 1'000'000}, Instant{}, keep());
    run_for(minutes(1));
    const auto& read = std::get<input::ChargesRead>(answers.front());
    EXPECT_TRUE(read.complete);
    EXPECT_EQ(read.charges.size(), 2U);
    EXPECT_EQ(read.labels.front(), "label");
}

TEST_F(ProviderReadsTest, MaintenanceIsAnsweredOnlyWhenItCouldBeRead) {
    calls.maintenances({{100}}, keep());
    run_for(minutes(1));
    EXPECT_TRUE(std::get<input::MaintenancesRead>(answers.at(0)).windows.empty());
    provider.begin_outage(hours(1));
    calls.maintenances({{100}}, keep());
    run_for(minutes(5));
    EXPECT_EQ(answers.size(), 1U) << "what was announced before still holds";
}

TEST_F(ProviderReadsTest, WithoutIncreasesThereAreNone) {
    calls.increases(keep());
    run_for(minutes(1));
    EXPECT_TRUE(std::get<input::IncreasesRead>(answers.at(0)).increases.empty());
}

}  // namespace

}  // namespace herder::sim
