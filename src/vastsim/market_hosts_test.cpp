#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Offline, ReadsUnknownThenOfflineAndComesBack) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.go_offline(id, true));
    market.advance(market.now() + seconds(91));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "unknown");
    market.advance(market.now() + seconds(91));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "offline");
    EXPECT_EQ(market.contracts().at(id).reported.cur, ContractState::kRunning);
    (void)market.take_commands();
    ASSERT_TRUE(market.go_online(id));
    market.advance(market.now() + seconds(30));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
    EXPECT_EQ(market.take_commands().at(0).kind, CommandKind::kStart);
}

TEST(Offline, AVanishedMachineNeverComesBack) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    ScenarioEvent event;
    event.kind = EventKind::kVanish;
    event.lasts = minutes(5);
    market.happen(event);
    market.advance(market.now() + days(1));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "offline");
    EXPECT_TRUE(market.offers(false, 8'000).empty());
}

TEST(Queue, ARefusedStartFiresLaterAndBills) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, false);
    market.stop(id);
    market.advance(market.now() + minutes(1));
    ASSERT_TRUE(market.faults().set("start_refused", {.per_million = 0, .next_calls = 1}));
    EXPECT_EQ(market.start(id), StartOutcome::kQueued);
    market.advance(market.now() + minutes(29));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "exited");
    market.advance(market.now() + minutes(5));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
}

}  // namespace
}  // namespace herder::vastsim
