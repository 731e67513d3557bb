#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(Report, TheApiLagsBehindTheMachineByAHeartbeat) {
    Scenario scenario = calm_scenario();
    scenario.heartbeat = {seconds(30), seconds(30)};
    Market market(scenario, 1, kStart);
    const ContractNumber id = rent(market, false);
    while (!market.contracts().at(id).first_running)
        market.advance(market.now() + seconds(1));
    EXPECT_NE(market.contracts().at(id).reported.actual_status, "running");
    market.advance(market.now() + seconds(31));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
}

TEST(Report, NoticesTellOfALifeInOrder) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.outbid(id, minutes(5)));
    market.advance(market.now() + minutes(10));
    std::vector<std::string> told;
    for (const Notice& notice : market.take_notices())
        told.push_back(notice.slug);
    EXPECT_EQ(told, (std::vector<std::string>{"instance_created", "instance_started", "outbid",
                                              "instance_resumed"}));
    EXPECT_TRUE(market.take_notices().empty());
}

}  // namespace
}  // namespace herder::vastsim
