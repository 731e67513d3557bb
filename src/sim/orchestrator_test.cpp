#include "sim/process_fixture.h"

namespace herder::sim {

namespace {

using OrchestratorTest = ProcessPlace;

TEST_F(OrchestratorTest, AcceptedJobSurvivesAKill) {
    JobId job;
    auto first = make_process(1);
    first->start();
    first->request(make_submit("a"), [&](const Result<ReplyBody>* answer) {
        ASSERT_NE(answer, nullptr);
        job = std::get<reply::Submitted>(**answer).job;
    });
    run_for(seconds(10));
    ASSERT_TRUE(job);
    first->kill();
    EXPECT_EQ(deaths, 1);
    auto second = make_process(2);
    second->start();
    run_for(seconds(10));
    EXPECT_TRUE(second->state()->jobs.contains(job));
    EXPECT_GT(second->term(), first->term());
}

TEST_F(OrchestratorTest, FrozenLeaderIsFencedWhenItGoesOn) {
    auto old = make_process(1);
    old->start();
    run_for(seconds(10));
    old->freeze(minutes(5));
    auto next = make_process(2);
    next->start();
    run_for(minutes(10));
    EXPECT_TRUE(old->is_dead());
    EXPECT_EQ(fenced, 1);
    EXPECT_FALSE(next->is_dead());
}

TEST_F(OrchestratorTest, RequestToADeadProcessBreaksItsConnection) {
    auto process = make_process(1);
    process->start();
    process->kill();
    bool broken = false;
    process->request(make_submit("a"),
                     [&](const Result<ReplyBody>* answer) { broken = answer == nullptr; });
    run_for(seconds(1));
    EXPECT_TRUE(broken);
}

TEST_F(OrchestratorTest, CrashInsideACommitEndsTheProcess) {
    auto process = make_process(1);
    process->start();
    run_for(seconds(5));
    store.decide_fate = [](Term) { return CommitFate::kCrashAfter; };
    process->request(make_submit("a"), [](const Result<ReplyBody>*) {});
    run_for(seconds(5));
    EXPECT_TRUE(process->is_dead());
    EXPECT_EQ(fenced, 0);
}

}  // namespace

}  // namespace herder::sim
