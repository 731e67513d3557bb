#include "vastsim/switches.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

Scenario with(const Switch& one, std::string_view value) {
    Scenario scenario = calm_scenario();
    const Status set = set_scenario_key(scenario, std::string(one.key) + "=" + std::string(value));
    EXPECT_TRUE(set) << set.error().message;
    return scenario;
}

TEST(Switches, EveryOneIsAKeyWithItsDefaultAndAnotherSetting) {
    std::set<std::string_view> keys;
    for (const Switch& one : switches()) {
        EXPECT_TRUE(keys.insert(one.key).second) << one.key;
        EXPECT_EQ(with(one, one.first), calm_scenario()) << one.key;
        EXPECT_NE(with(one, one.second), calm_scenario()) << one.key;
    }
}

TEST(Switches, EveryOneIsDocumented) {
    std::ifstream file(HERDER_VASTSIM_DOC);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(text.empty());
    for (const Switch& one : switches())
        EXPECT_NE(text.find("`" + std::string(one.key) + "`"), std::string::npos) << one.key;
    for (const std::string_view name : shipped_scenario_names())
        EXPECT_NE(text.find("`" + std::string(name) + "`"), std::string::npos) << name;
    for (const FaultName& fault : kFaultNames)
        EXPECT_NE(text.find("`" + std::string(fault.name) + "`"), std::string::npos) << fault.name;
}

// Whatever is set, renting, reading and returning a machine works and bills.
TEST(Switches, AMachineCanBeRentedAtEverySetting) {
    for (const Switch& one : switches()) {
        SCOPED_TRACE(one.key);
        Market market(with(one, one.second), 3, kStart);
        const ContractNumber id = rent(market, true);
        market.advance(kStart + hours(1));
        EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
        EXPECT_GT(market.cost_of(id), usd_micros(0));
        market.stop(id);
        market.advance(market.now() + minutes(1));
        EXPECT_EQ(market.contracts().at(id).reported.actual_status, "exited");
        market.destroy(id);
        EXPECT_EQ(market.find_listed(id), nullptr);
    }
}

struct Reading {
    ContractState intended;
    std::string word;
};

Reading after_outbid(const std::string& key) {
    Scenario scenario = calm_scenario();
    EXPECT_TRUE(key.empty() || set_scenario_key(scenario, key));
    Market market(scenario, 1, kStart);
    const ContractNumber id = boot(market, true);
    EXPECT_TRUE(market.outbid(id, hours(1)));
    market.advance(market.now() + minutes(5));
    const Reported& told = market.contracts().at(id).reported;
    return {told.intended, told.actual_status};
}

TEST(Switches, PatternsOfAnOutbid) {
    EXPECT_EQ(after_outbid("").intended, ContractState::kStopped);
    EXPECT_EQ(after_outbid("outbid_keeps_intended=true").intended, ContractState::kRunning);
    EXPECT_EQ(after_outbid("").word, "exited");
    EXPECT_EQ(after_outbid("outbid_reads_stopped=true").word, "stopped");
}

TEST(Switches, AnOutbidMachineWakesOnlyWhereItMay) {
    for (const bool resumes : {true, false}) {
        Scenario scenario = calm_scenario();
        scenario.outbid_resumes = resumes;
        Market market(scenario, 1, kStart);
        const ContractNumber id = boot(market, true);
        ASSERT_TRUE(market.outbid(id, hours(1)));
        market.advance(market.now() + hours(2));
        EXPECT_EQ(market.contracts().at(id).reported.actual_status == "running", resumes);
    }
}

TEST(Switches, ExitedContainersBillOrRestartAsSet) {
    for (const char* key : {"bill_exited=true", "bill_exited=false", "restart_exited=true"}) {
        Scenario scenario = calm_scenario();
        ASSERT_TRUE(set_scenario_key(scenario, key));
        Market market(scenario, 1, kStart);
        const ContractNumber id = boot(market, true);
        market.container_exited(id, 1);
        const Usd before = market.cost_of(id);
        market.advance(market.now() + hours(1));
        const Usd grown = market.cost_of(id) - before;
        const UsdPerHour rate = market.contracts().at(id).gpu_rate;
        EXPECT_EQ(grown.micros >= rate.micros, scenario.bill_exited) << key;
        const bool up = market.contracts().at(id).reported.actual_status == "running";
        EXPECT_EQ(up, scenario.restart_exited) << key;
    }
}

TEST(Switches, SigtermComesFirstWhereTheScenarioGivesTime) {
    Scenario scenario = calm_scenario();
    scenario.sigterm = scenario.preempt_sigterm = seconds(10);
    Market market(scenario, 1, kStart);
    const ContractNumber id = boot(market, true);
    ASSERT_TRUE(market.outbid(id, hours(1)));
    const auto first = market.take_commands();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].kind, CommandKind::kTerminate);
    market.advance(market.now() + seconds(10));
    EXPECT_EQ(market.take_commands().at(0).kind, CommandKind::kKill);
}

TEST(Switches, WithoutCreditAStartIsRefusedOrQueuedAndATopUpMayResume) {
    for (const bool resumes : {false, true}) {
        Scenario scenario = calm_scenario();
        scenario.start_without_credit_queues = resumes;
        scenario.topup_resumes = resumes;
        Market market(scenario, 1, kStart);
        const ContractNumber id = boot(market, false);
        market.set_credit(usd_micros(0));
        market.advance(market.now() + minutes(2));
        EXPECT_EQ(market.start(id), resumes ? StartOutcome::kQueued : StartOutcome::kNoCredit);
        market.set_credit(usd_cents(1'000));
        market.advance(market.now() + minutes(2));
        EXPECT_EQ(market.contracts().at(id).reported.actual_status == "running", resumes);
    }
}

}  // namespace
}  // namespace herder::vastsim
