#include "sim/fake_job.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

struct FakeJobTest : testing::Test {
    Stage stage{1, {}, false};
    JobPlan plan;
    std::vector<std::int64_t> saved;
    std::optional<int> exit_code;

    FakeJobTest() {
        plan.steps = 100;
        plan.step_time = seconds(1);
        plan.spec.checkpoint.every_steps = 30;
    }
    FakeJob::Hooks hooks() {
        return {[this](std::int64_t step, CheckpointKind) { saved.push_back(step); },
                [this](const worker_input::ProcessEnd& end) { exit_code = end.exit_code; }};
    }
    void run_for(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
};

TEST_F(FakeJobTest, SavesAsItGoesAndEnds) {
    FakeJob job(stage, plan, 0, 1, hooks());
    run_for(seconds(65));
    EXPECT_EQ(job.step(), 65);
    run_for(minutes(5));
    EXPECT_EQ(saved, (std::vector<std::int64_t>{30, 60, 90, 100}));
    EXPECT_EQ(exit_code, 0);
}

TEST_F(FakeJobTest, SignalSavesAndEnds) {
    FakeJob job(stage, plan, 10, 1, hooks());
    run_for(seconds(5));
    job.signal();
    run_for(seconds(10));
    EXPECT_EQ(saved, (std::vector<std::int64_t>{18}));
    EXPECT_EQ(exit_code, 143);
}

TEST_F(FakeJobTest, HangingJobStopsSteppingAndIgnoresSignals) {
    plan.ending = JobEnding::kHangs;
    plan.trouble_step = 20;
    FakeJob job(stage, plan, 0, 1, hooks());
    run_for(minutes(5));
    EXPECT_EQ(job.step(), 20);
    job.signal();
    run_for(minutes(1));
    EXPECT_FALSE(exit_code);
    job.kill();
    run_for(minutes(1));
    EXPECT_EQ(exit_code, 137);
}

TEST_F(FakeJobTest, FailsOnlyInItsFirstRun) {
    plan.ending = JobEnding::kFailsOnce;
    plan.trouble_step = 40;
    FakeJob first(stage, plan, 0, 1, hooks());
    run_for(minutes(5));
    EXPECT_EQ(exit_code, 1);
    FakeJob second(stage, plan, 30, 2, hooks());
    run_for(minutes(5));
    EXPECT_EQ(exit_code, 0);
}

}  // namespace

}  // namespace herder::sim
