#include "api/job_alias.h"

#include <gtest/gtest.h>

namespace herder::api {
namespace {

struct JobAlias : ::testing::Test {
    void add_job(std::uint64_t id, const std::string& name, JobPhase phase) {
        Job job;
        job.id = JobId{id};
        job.spec.name = name;
        job.phase = std::move(phase);
        state.jobs[job.id] = job;
    }
    Checkpoint& add_checkpoint(std::uint64_t job, std::uint64_t seq, const std::string& loss) {
        Checkpoint& one = state.checkpoints[CheckpointId{job * 100 + seq}];
        one.attempt.job = JobId{job};
        one.commit_seq = seq;
        one.state = CheckpointState::kCommitted;
        if (!loss.empty()) one.metrics["loss"] = loss;
        return one;
    }
    JobAlias() {
        add_job(1, "digits", phase::Succeeded{});
        add_job(2, "digits", phase::Succeeded{});
        add_job(3, "digits", phase::Failed{});
        add_job(4, "other", phase::Succeeded{});
        add_checkpoint(1, 1, "0.01");
        add_checkpoint(1, 2, "0.5");
        add_checkpoint(2, 1, "0.75");
        add_checkpoint(2, 2, "");
        add_checkpoint(3, 1, "0.001");
        add_checkpoint(4, 1, "0.002");
    }
    State state;
};

TEST_F(JobAlias, LatestIsTheNewestThatSucceeded) {
    EXPECT_EQ(find_alias(state, "digits@latest").value(), JobId{2});
    EXPECT_EQ(find_alias(state, "digit@latest").error().code, ErrorCode::kNotFound);
}

TEST_F(JobAlias, TheBestIsByTheLastCheckpointThatHasTheMetric) {
    EXPECT_EQ(find_alias(state, "digits@min:loss").value(), JobId{1});
    EXPECT_EQ(find_alias(state, "digits@max:loss").value(), JobId{2});
    add_checkpoint(2, 3, "0.1");
    EXPECT_EQ(find_alias(state, "digits@min:loss").value(), JobId{2});
    add_checkpoint(1, 3, "0.1");
    EXPECT_EQ(find_alias(state, "digits@min:loss").value(), JobId{2}) << "of equals the newer";
    EXPECT_EQ(find_alias(state, "digits@min:accuracy").error().code, ErrorCode::kNotFound);
}

TEST_F(JobAlias, WhatIsNoNumberOrNotWholeDoesNotCount) {
    add_checkpoint(1, 3, "NaN");
    add_checkpoint(1, 4, "-9").quarantined = true;
    add_checkpoint(1, 5, "-9").state = CheckpointState::kUploading;
    add_checkpoint(1, 6, "0.4x");
    EXPECT_EQ(find_alias(state, "digits@min:loss").value(), JobId{1});
    add_checkpoint(2, 3, "0.499");
    EXPECT_EQ(find_alias(state, "digits@min:loss").value(), JobId{2});
}

TEST_F(JobAlias, OtherWordsAreRefused) {
    for (const char* text :
         {"digits@", "digits@newest", "digits@min:", "digits@loss", "@latest@x"}) {
        EXPECT_TRUE(is_job_alias(text));
        EXPECT_EQ(find_alias(state, text).error().code, ErrorCode::kInvalid) << text;
    }
    EXPECT_FALSE(is_job_alias("digits"));
}

}  // namespace
}  // namespace herder::api
