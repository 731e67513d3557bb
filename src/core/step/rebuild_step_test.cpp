#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

Checkpoint found_checkpoint(std::uint64_t id, std::uint64_t fence, std::uint64_t seq) {
    Checkpoint one;
    one.id = CheckpointId{id};
    one.attempt = {JobId{7}, Fence{fence}};
    one.step = static_cast<std::int64_t>(seq) * 10;
    one.commit_seq = seq;
    one.name = make_checkpoint_name(one.step, one.attempt.fence, one.id);
    one.files = {{"state.json", Bytes{10}, 7, 0644}};
    one.manifest_sha256 = "abc";
    return one;
}

input::JobsFound found_job() {
    input::FoundJob job;
    job.id = JobId{7};
    job.spec = make_spec();
    job.submitted = WallTime{1'700'000'000'000'000};
    job.fence = Fence{3};
    job.checkpoints = {found_checkpoint(4, 1, 1), found_checkpoint(9, 2, 2)};
    input::JobsFound in;
    in.reply_to = 1;
    in.jobs = {job};
    return in;
}

TEST(RebuildStep, AFoundJobWaitsUntilItIsResumedAndGoesOnFromItsNewestCheckpoint) {
    Bench bench;
    bench.list({});
    EXPECT_TRUE(bench.feed(found_job()).replies.at(0).body);
    const Job& job = bench.state().jobs.at(JobId{7});
    EXPECT_STREQ(to_string(job.phase), "paused");
    EXPECT_EQ(job.fence, Fence{3});
    EXPECT_EQ(job.commit_seq, 2U);
    EXPECT_EQ(bench.state().meta.next_job, 8U);
    EXPECT_EQ(bench.state().meta.next_checkpoint, 10U);
    input::ChangeJob resume;
    resume.job = JobId{7};
    resume.verb = input::JobVerb::kResume;
    bench.feed(resume);
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    ASSERT_TRUE(bench.join());
    const AgentOrders orders = bench.report({});
    EXPECT_EQ(orders.assignment.value().resume_from, CheckpointId{9});
    EXPECT_EQ(bench.state().jobs.at(JobId{7}).fence, Fence{4});
}

TEST(RebuildStep, AJobThatLeftASuccessIsDone) {
    Bench bench;
    input::JobsFound in = found_job();
    in.jobs[0].outcome = AttemptOutcome{};
    bench.feed(in);
    EXPECT_STREQ(to_string(bench.state().jobs.at(JobId{7}).phase), "succeeded");
}

TEST(RebuildStep, WhatIsTakenIsLeftAlone) {
    Bench bench;
    bench.feed(found_job());
    input::JobsFound other = found_job();
    other.jobs[0].spec.name = "another";
    bench.feed(other);
    EXPECT_EQ(bench.state().jobs.at(JobId{7}).spec.name, make_spec().name);
    other.jobs[0].id = JobId{8};
    bench.feed(other);
    EXPECT_FALSE(bench.state().jobs.contains(JobId{8})) << "its checkpoints have taken ids";
}

TEST(RebuildStep, ANumberThatLeftAnythingIsNotGivenAgain) {
    Bench bench;
    input::JobsFound in;
    in.reply_to = 1;
    in.highest = JobId{12};
    bench.feed(in);
    EXPECT_EQ(bench.state().meta.next_job, 13U);
    in.highest = JobId{3};
    bench.feed(in);
    EXPECT_EQ(bench.state().meta.next_job, 13U);
}

}  // namespace
}  // namespace herder
