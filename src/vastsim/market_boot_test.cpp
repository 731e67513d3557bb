#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

std::string value_of(const ContainerSpec& spec, const std::string& name) {
    for (const auto& [key, value] : spec.env) {
        if (key == name) return value;
    }
    return "";
}

TEST(Boot, ContainerGetsTheDocumentedEnvironment) {
    Market market(calm_scenario(), 1, kStart);
    CreateRequest request = request_for(cheapest(market, true));
    request.env = {{"JOB_TOKEN", "t"}, {"-p 8081:8081/udp", "1"}, {"-h box", "1"}};
    const CreateOutcome outcome = market.create(request);
    const Created created = std::get<Created>(outcome);
    market.advance(kStart + minutes(1));
    const ContainerSpec spec = market.take_commands().at(0).spec;
    const std::string id = std::to_string(created.id);
    EXPECT_EQ(value_of(spec, "CONTAINER_ID"), id);
    EXPECT_EQ(value_of(spec, "CONTAINER_API_KEY"), created.api_key);
    EXPECT_EQ(value_of(spec, "VAST_CONTAINERLABEL"), "C." + id);
    EXPECT_EQ(value_of(spec, "GPU_COUNT"), "1");
    EXPECT_EQ(value_of(spec, "JOB_TOKEN"), "t");
    EXPECT_NE(value_of(spec, "VAST_UDP_PORT_8081"), "");
    EXPECT_EQ(value_of(spec, "-h box"), "");
}

TEST(Boot, FailedPullNeverBecomesTerminalAndIsToldByTheMessage) {
    Market market(calm_scenario(), 1, kStart);
    ASSERT_TRUE(market.faults().set("boot_pull_failed", {0, 1, 0}));
    const ContractNumber id = rent(market, true);
    market.advance(kStart + minutes(10));
    const Reported& told = market.contracts().at(id).reported;
    EXPECT_EQ(told.actual_status, "created");
    EXPECT_EQ(told.intended, ContractState::kStopped);
    EXPECT_NE(told.status_msg.find("failed to inject CDI devices"), std::string::npos);
    EXPECT_GT(market.cost_of(id), usd_micros(0));  // its disk bills
}

TEST(Boot, NeverBootingMachineStaysInLoading) {
    Market market(calm_scenario(), 1, kStart);
    ASSERT_TRUE(market.faults().set("boot_never", {0, 1, 0}));
    const ContractNumber id = rent(market, true);
    market.advance(kStart + hours(3));
    EXPECT_EQ(market.contracts().at(id).reported.actual_status, "loading");
}

TEST(Boot, ExitOfTheContainerKeepsTheContractRunning) {
    Market market(calm_scenario(), 1, kStart);
    const ContractNumber id = boot(market, true);
    market.container_exited(id, 3);
    market.advance(market.now() + minutes(1));
    const Reported& told = market.contracts().at(id).reported;
    EXPECT_EQ(told.actual_status, "exited");
    EXPECT_EQ(told.cur, ContractState::kRunning);
    EXPECT_EQ(told.intended, ContractState::kRunning);
}

}  // namespace
}  // namespace herder::vastsim
