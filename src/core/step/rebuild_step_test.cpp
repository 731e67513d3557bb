#include <gtest/gtest.h>

#include "core/step/core_fixture.h"
#include "core/step/steps.h"

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
    in.highest_checkpoint = CheckpointId{30};
    bench.feed(in);
    EXPECT_EQ(bench.state().meta.next_job, 13U);
    EXPECT_EQ(bench.state().meta.next_checkpoint, 31U);
}

TEST(RebuildStep, NewerCheckpointsOfAKnownJobFollowWhatItHas) {
    Bench bench;
    bench.list({});
    bench.feed(found_job());
    input::JobsFound in = found_job();
    in.jobs[0].checkpoints.push_back(found_checkpoint(12, 2, 3));
    Checkpoint other = found_checkpoint(4, 3, 4);  // its id is another's here
    in.jobs[0].checkpoints.push_back(other);
    bench.feed(in);
    ASSERT_EQ(bench.state().checkpoints.size(), 4U);
    EXPECT_EQ(bench.state().checkpoints.at(CheckpointId{12}).commit_seq, 3U);
    const Checkpoint& last = bench.state().checkpoints.at(CheckpointId{13});
    EXPECT_EQ(last.name, other.name);
    EXPECT_EQ(last.state, CheckpointState::kCommitted);
    EXPECT_EQ(bench.state().jobs.at(JobId{7}).commit_seq, 4U);
    bench.feed(in);
    EXPECT_EQ(bench.state().checkpoints.size(), 4U) << "once";
}

TEST(RebuildStep, CheckpointsOfAnotherJobOfThatNumberAreLeftWhereTheyAre) {
    Bench bench;
    bench.list({});
    bench.feed(found_job());
    const std::size_t before = bench.state().checkpoints.size();
    input::JobsFound in = found_job();
    in.jobs[0].submitted = in.jobs[0].submitted + seconds(1);
    in.jobs[0].checkpoints.push_back(found_checkpoint(12, 2, 3));
    bench.feed(in);
    EXPECT_EQ(bench.state().checkpoints.size(), before);
}

TEST(RebuildStep, OneThatCannotBeBelievedIsKnownAndNeverUsed) {
    Bench bench;
    bench.list({});
    input::JobsFound in = found_job();
    Checkpoint damaged = found_checkpoint(12, 2, 3);
    damaged.commit_seq = 0;
    damaged.quarantined = true;
    damaged.files.clear();
    in.jobs[0].checkpoints.push_back(damaged);
    bench.feed(in);
    damaged.id = CheckpointId{14};
    damaged.step = 90;
    damaged.name = make_checkpoint_name(damaged.step, Fence{2}, damaged.id);
    in.jobs[0].checkpoints.push_back(damaged);
    bench.feed(in);
    for (const CheckpointId id : {CheckpointId{12}, CheckpointId{14}})
        EXPECT_EQ(bench.state().checkpoints.at(id).state, CheckpointState::kDeleted);
    EXPECT_EQ(bench.state().jobs.at(JobId{7}).commit_seq, 2U);
    EXPECT_EQ(resume_choice(bench.state(), JobId{7})->id, CheckpointId{9});
    EXPECT_TRUE(newer_names(bench.state(), JobId{7}, {damaged.name}).empty());
    bench.tick(hours(2));
    EXPECT_FALSE(bench.asks_for<effect::DeleteObjects>()) << "nobody said that it may go";
}

TEST(RebuildStep, AJobThatRunsIsLeftAlone) {
    Bench bench;
    const JobId job = bench.run();
    publish(bench, 1, 10);
    input::JobsFound in = found_job();
    in.jobs[0].id = job;
    in.jobs[0].checkpoints = {found_checkpoint(12, 2, 3)};
    in.jobs[0].checkpoints[0].attempt.job = job;
    bench.feed(in);
    EXPECT_EQ(bench.state().checkpoints.size(), 1U);
    EXPECT_EQ(bench.state().jobs.at(job).spec.name, make_spec().name);
}

}  // namespace
}  // namespace herder
