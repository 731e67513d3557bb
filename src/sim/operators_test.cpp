#include "sim/process_fixture.h"

namespace herder::sim {

namespace {

using OperatorsTest = ProcessPlace;

TEST_F(OperatorsTest, EveryJobIsAcceptedOrRefusedOnce) {
    auto process = make_process(1);
    process->start();
    Operators operators(stage, [&] { return process.get(); }, hours(2), 8);
    int broken = 0;
    operators.on_broken_promise = [&](const std::string&) { ++broken; };
    operators.begin();
    run_for(hours(3));
    ASSERT_EQ(operators.promises().size(), 8U);
    std::set<JobId> jobs;
    for (const auto& [number, promise] : operators.promises()) {
        EXPECT_TRUE(promise.is_refused || jobs.insert(promise.job).second);
    }
    EXPECT_EQ(broken, 0);
}

TEST_F(OperatorsTest, SubmitIsRepeatedUntilSomebodyAnswers) {
    std::unique_ptr<Orchestrator> process;
    Operators operators(stage, [&] { return process.get(); }, minutes(10), 2);
    operators.begin();
    run_for(minutes(20));
    process = make_process(1);
    process->start();
    run_for(minutes(2));
    for (const auto& [number, promise] : operators.promises())
        EXPECT_TRUE(promise.job || promise.is_refused);
}

}  // namespace

}  // namespace herder::sim
