#include "engine/panic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace herder {
namespace {

const ClusterIdentity kCluster{"test", std::string(32, 'k')};

// A market whose machines need several calls until they are gone, and whose listings fail at times.
class StubbornMarket : public Provider {
  public:
    std::string name() const override { return "stubborn"; }
    Result<std::vector<Offer>> search(const OfferQuery&) override { return std::vector<Offer>{}; }
    CreateAnswer create(const CreateRequest&) override { return {}; }
    CallAnswer destroy(ContractId contract) override {
        ++calls[contract.value];
        const auto found = machines.find(contract.value);
        if (found == machines.end())
            return {.outcome = input::CallOutcome::kRefused, .detail = "no such instance"};
        if (calls[contract.value] >= calls_needed) machines.erase(found);
        return {.outcome = input::CallOutcome::kDone, .detail = ""};
    }
    Result<std::vector<ListedMachine>> list() override {
        ++listings;
        if (std::find(broken.begin(), broken.end(), listings) != broken.end())
            return unavailable("the market does not answer");
        std::vector<ListedMachine> all;
        for (const auto& [contract, machine] : machines)
            all.push_back(machine);
        return all;
    }
    CallAnswer destroy_many(const std::vector<ContractId>& contracts) override {
        ++bulk_destroys;
        if (refuses_many)
            return {.outcome = input::CallOutcome::kRefused, .detail = "one at a time"};
        if (takes_many_in_vain) return {.outcome = input::CallOutcome::kDone, .detail = ""};
        for (const ContractId contract : contracts)
            (void)destroy(contract);
        return {.outcome = input::CallOutcome::kDone, .detail = ""};
    }
    CallAnswer stop_many(const std::vector<ContractId>& contracts) override {
        stopped_before_destroyed = calls.empty();
        stopped += contracts.size();
        return {};
    }
    CallAnswer change_bid(ContractId, UsdPerHour) override { return {}; }
    Result<std::vector<ChargeRow>> charges(std::int64_t, std::int64_t) override {
        return std::vector<ChargeRow>{};
    }
    Result<AccountInfo> account() override { return AccountInfo{}; }

    void rent(std::int64_t contract, const std::string& label) {
        ListedMachine machine;
        machine.contract = ContractId{contract};
        machine.label = label;
        machine.gpu_price = usd_per_hour_micros(250'000);
        machines[contract] = machine;
    }
    std::map<std::int64_t, ListedMachine> machines;
    std::map<std::int64_t, int> calls;
    std::vector<int> broken;  // numbers of listings that fail
    int listings = 0;
    std::size_t stopped = 0;
    bool stopped_before_destroyed = false;
    int calls_needed = 1;
    int bulk_destroys = 0;
    bool refuses_many = false;
    bool takes_many_in_vain = false;
};

std::string label(std::uint64_t intent) {
    return make_label(kCluster, IntentId{intent});
}

TEST(Panic, CountsOursAndTheirRateAndLeavesOthersOut) {
    StubbornMarket market;
    market.rent(1, label(1));
    market.rent(2, label(2));
    market.rent(3, "somebody else's");
    market.rent(4, make_label({"test", std::string(32, 'x')}, IntentId{4}));
    const Result<Rented> rented = list_rented(market, kCluster);
    ASSERT_TRUE(rented);
    EXPECT_EQ(rented->ours.size(), 2U);
    EXPECT_EQ(rented->foreign, 2U);
    EXPECT_EQ(rented->rate, usd_per_hour_micros(500'000));
}

TEST(Panic, EndsAllOfOursAndNothingElse) {
    StubbornMarket market;
    market.calls_needed = 3;
    for (std::uint64_t i = 1; i <= 5; ++i)
        market.rent(static_cast<std::int64_t>(i), label(i));
    market.rent(9, "somebody else's");
    const auto left = end_all(market, kCluster, {});
    ASSERT_TRUE(left);
    EXPECT_TRUE(left->empty());
    ASSERT_EQ(market.machines.size(), 1U);
    EXPECT_TRUE(market.machines.contains(9));
    EXPECT_FALSE(market.calls.contains(9));
    EXPECT_EQ(market.stopped, 5U) << "once each, in the first round";
    EXPECT_TRUE(market.stopped_before_destroyed);
}

TEST(Panic, AMarketThatDestroysOnlyOneAtATimeIsAskedForEach) {
    StubbornMarket market;
    market.refuses_many = true;
    market.rent(1, label(1));
    market.rent(2, label(2));
    const auto left = end_all(market, kCluster, {});
    ASSERT_TRUE(left);
    EXPECT_TRUE(market.machines.empty());
    EXPECT_EQ(market.bulk_destroys, 1) << "one call for both came first";
}

TEST(Panic, WhatOutlivesTheCallsForManyIsAskedForByItself) {
    StubbornMarket market;
    market.takes_many_in_vain = true;
    market.rent(1, label(1));
    market.rent(2, label(2));
    const auto left = end_all(market, kCluster, {});
    ASSERT_TRUE(left);
    EXPECT_TRUE(left->empty());
    EXPECT_TRUE(market.machines.empty());
}

TEST(Panic, LooksAsOftenAsItIsTold) {
    StubbornMarket market;
    ASSERT_TRUE(end_all(market, kCluster, {.listings_to_be_sure = 5, .wait = {}, .progress = {}}));
    EXPECT_EQ(market.listings, 5);
}

TEST(Panic, BelievesOnlyTwoListingsInARow) {
    StubbornMarket market;
    const auto left = end_all(market, kCluster, {});
    ASSERT_TRUE(left);
    EXPECT_EQ(market.listings, 2);
}

TEST(Panic, AListingThatFailsIsNoEnd) {
    StubbornMarket market;
    market.rent(1, label(1));
    market.broken = {1, 3};
    const auto left = end_all(market, kCluster, {});
    ASSERT_TRUE(left);
    EXPECT_TRUE(left->empty());
    EXPECT_TRUE(market.machines.empty());
}

TEST(Panic, TellsWhatIsLeftWhenThePatienceEnds) {
    StubbornMarket market;
    market.calls_needed = 1000;
    market.rent(1, label(1));
    int waits = 0;
    const auto left = end_all(market, kCluster,
                              {.rounds = 30, .wait = [&] { return ++waits < 4; }, .progress = {}});
    ASSERT_TRUE(left);
    ASSERT_EQ(left->size(), 1U);
    EXPECT_EQ(left->front().contract, ContractId{1});
    market.broken = {market.listings + 1, market.listings + 2, market.listings + 3};
    EXPECT_FALSE(end_all(market, kCluster, {.rounds = 2, .wait = {}, .progress = {}}));
}

}  // namespace
}  // namespace herder
