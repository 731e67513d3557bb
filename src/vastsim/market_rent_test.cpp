#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Stop, KeepsTheDiskAndStartRunsTheContainerAgain) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, false);
    market.stop(id);
    EXPECT_EQ(market.contracts().at(id).reported.intended, ContractState::kStopped);
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
    market.advance(market.now() + minutes(1));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "exited");
    EXPECT_EQ(market.take_commands().at(0).kind, CommandKind::kKill);
    EXPECT_EQ(market.start(id), StartOutcome::kStarted);
    EXPECT_EQ(market.contracts().at(id).reported.cur, ContractState::kScheduling);
    market.advance(market.now() + minutes(1));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
    EXPECT_EQ(market.take_commands().at(0).kind, CommandKind::kStart);
}

TEST(Outbid, KillsAtOnceAndResumesByItselfWhenTheGpusAreFree) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.outbid(id, hours(1)));
    EXPECT_EQ(market.take_commands().at(0).kind, CommandKind::kKill);
    market.advance(market.now() + minutes(1));
    EXPECT_EQ(market.start(id), StartOutcome::kQueued);
    EXPECT_FALSE(market.outbid(id, hours(1)));
    market.advance(market.now() + hours(1) + minutes(1));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
    EXPECT_EQ(market.contracts().at(id).reported.intended, ContractState::kRunning);
}

TEST(Outbid, AStopCancelsTheQueuedResume) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.outbid(id, hours(1)));
    market.stop(id);
    market.advance(market.now() + hours(2));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "exited");
}

TEST(Outbid, OnDemandRentalsCannotBeOutbid) {
    Market market(calm_scenario(), 1, kStart);
    EXPECT_FALSE(market.outbid(boot(market, false), std::nullopt));
}

TEST(Destroy, LeavesNothingUnlessTheContainerIsAGhost) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, false);
    ASSERT_TRUE(market.faults().set("ghost", {.per_million = 0, .next_calls = 1, .amount = 60}));
    market.destroy(id);
    EXPECT_EQ(market.find_listed(id), nullptr);
    EXPECT_TRUE(market.take_commands().empty());
    market.advance(market.now() + seconds(61));
    EXPECT_EQ(market.take_commands().size(), 2U);  // kill and remove
}

TEST(Destroy, LingersForSomePollsWhenAskedTo) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, false);
    ASSERT_TRUE(
        market.faults().set("destroy_lingers", {.per_million = 0, .next_calls = 1, .amount = 2}));
    market.destroy(id);
    EXPECT_EQ(market.listed_now().size(), 1U);
    EXPECT_EQ(market.listed_now().size(), 1U);
    EXPECT_TRUE(market.listed_now().empty());
}

}  // namespace
}  // namespace herder::vastsim
