#include "vastsim/market.h"

#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Market, BootWalksNullCreatedLoadingRunning) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = rent(market, true);
    ASSERT_NE(market.find_listed(id), nullptr);
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "");
    std::vector<std::string> words;
    for (int second = 1; second <= 60; ++second) {
        market.advance(kStart + seconds(second));
        const std::string word = market.contracts().at(id).reported.actual_status;
        if (words.empty() || words.back() != word) words.push_back(word);
    }
    EXPECT_EQ(words.back(), "running");
    EXPECT_EQ(words.front(), "");
    EXPECT_LE(words.size(), 4U);
    const auto commands = market.take_commands();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].kind, CommandKind::kStart);
}

TEST(Market, SameSeedSameHistory) {
    Scenario busy = hostile_scenario();
    Market a(busy, 9, kStart);
    Market b(busy, 9, kStart);
    for (int hour = 1; hour <= 30; ++hour) {
        a.advance(kStart + hours(hour));
        b.advance(kStart + hours(hour));
        const auto offers_a = a.offers(true, 10'000);
        const auto offers_b = b.offers(true, 10'000);
        ASSERT_EQ(offers_a.size(), offers_b.size());
        for (std::size_t i = 0; i < offers_a.size(); ++i) {
            ASSERT_EQ(offers_a[i].min_bid, offers_b[i].min_bid);
            ASSERT_EQ(offers_a[i].rentable, offers_b[i].rentable);
        }
    }
}

TEST(Market, ReportedStateLagsTheTruth) {
    Scenario slow = calm_scenario();
    slow.heartbeat = {seconds(20), seconds(20)};
    Market market(slow, 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.outbid(id, std::nullopt));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
    market.advance(market.now() + seconds(21));
    const Reported& told = market.contracts().at(id).reported;
    EXPECT_EQ(told.actual_status, "exited");
    EXPECT_EQ(told.cur, ContractState::kStopped);
    EXPECT_EQ(told.next, ContractState::kStopped);
    EXPECT_EQ(told.intended, ContractState::kStopped);
}

TEST(Market, EndOfRentalStopsAndLaterDeletes) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, false);
    market.set_credit(usd_cents(100'000'000));
    market.advance(market.contracts().at(id).end_date + minutes(1));
    EXPECT_EQ(market.contracts().at(id).reported.cur, ContractState::kStopped);
    EXPECT_EQ(market.start(id), StartOutcome::kExpired);
    market.advance(market.now() + hours(49));
    EXPECT_EQ(market.find_listed(id), nullptr);
}

}  // namespace
}  // namespace herder::vastsim
