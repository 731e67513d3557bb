#include "sim/process_fixture.h"

namespace herder::sim {

namespace {

struct FakeAgentTest : ProcessPlace {
    FakeNetwork network{stage};
    std::unique_ptr<Orchestrator> process = make_process(1);
    Operators operators{stage, [this] { return process.get(); }, minutes(5), 1};
    std::map<std::uint64_t, int> runs;
    bool is_cut = false;
    AgentWorld world{stage,
                     network,
                     objects,
                     provider,
                     operators.plans(),
                     runs,
                     [this] { return is_cut ? nullptr : process.get(); },
                     nullptr,
                     Mutant::kNone};
    std::map<ContractId, std::unique_ptr<FakeAgent>> agents;

    void begin() {
        provider.on_boot = [this](Rental& rental) {
            auto& agent = agents[rental.id];
            agent = std::make_unique<FakeAgent>(world, rental);
            agent->boot();
        };
        provider.on_kill = [this](Rental& rental) { agents.at(rental.id)->die(); };
        process->start();
        input::SubmitJob in;
        in.spec = operators.plans().front().spec;
        in.spec.limits = {};
        process->request(in, [](const Result<ReplyBody>*) {});
    }
    void run_until_it_computes() {
        for (int i = 0; i < 120 && (agents.empty() || !newest().is_computing); ++i)
            run_for(minutes(1));
        ASSERT_FALSE(agents.empty());
        ASSERT_TRUE(newest().is_computing);
    }
    const AgentFacts& newest() { return agents.rbegin()->second->facts(); }
};

TEST_F(FakeAgentTest, JobRunsToItsEndAndTheMachineIsGivenBack) {
    begin();
    run_until_it_computes();
    run_for(hours(12));
    EXPECT_TRUE(
        std::holds_alternative<phase::Succeeded>(process->state()->jobs.begin()->second.phase));
    EXPECT_TRUE(provider.list(stage.now()).empty());
}

TEST_F(FakeAgentTest, UnheardItStopsComputingAndDestroysItsMachine) {
    begin();
    run_until_it_computes();
    is_cut = true;
    process->kill();
    run_for(operators.plans().front().spec.detached_for + minutes(3));
    EXPECT_FALSE(newest().is_computing);
    run_for(hours(1));
    EXPECT_TRUE(provider.list(stage.now()).empty());
}

}  // namespace

}  // namespace herder::sim
