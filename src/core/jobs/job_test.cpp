#include "core/jobs/job.h"

#include <gtest/gtest.h>

#include "base/record.h"

namespace herder {
namespace {

struct Row {
    JobPhase phase;
    const char* word;
    bool terminal;
    bool waiting;
    bool active;
};

const std::vector<Row>& table() {
    static const std::vector<Row> rows = {
        {phase::Queued{}, "queued", false, true, false},
        {phase::Placing{}, "placing", false, false, true},
        {phase::Running{}, "running", false, false, true},
        {phase::Recovering{}, "recovering", false, true, false},
        {phase::Paused{}, "paused", false, false, false},
        {phase::Succeeded{}, "succeeded", true, false, false},
        {phase::Failed{}, "failed", true, false, false},
        {phase::Cancelled{}, "cancelled", true, false, false},
    };
    return rows;
}

TEST(JobPhase, EveryPhaseHasItsWordAndClass) {
    ASSERT_EQ(table().size(), std::variant_size_v<JobPhase>);
    for (const Row& row : table()) {
        EXPECT_STREQ(to_string(row.phase), row.word);
        EXPECT_EQ(is_terminal(row.phase), row.terminal) << row.word;
        EXPECT_EQ(is_waiting(row.phase), row.waiting) << row.word;
        EXPECT_EQ(is_active(row.phase), row.active) << row.word;
    }
}

TEST(Job, SurvivesStorageWithAllItsFields) {
    Job job;
    job.id = {7};
    job.spec.name = "digits";
    job.spec.any_of = {ResourceRequest{.gpu_name = "RTX_4090", .price_max = {250'000}}};
    job.client_key = "k";
    job.submitted = {5};
    job.phase = phase::Recovering{
        .since = {9}, .not_before = {14}, .why = EndReason::kPreempted, .waiting_for = "a machine"};
    job.fence = {3};
    job.stop = StopRequest{.reason = EndReason::kPaused, .since = {8}, .actor = "local"};
    job.ran = minutes(12);
    job.commit_seq = 4;
    const auto restored = from_record<Job>(to_record(job));
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(*restored, job);
}

}  // namespace
}  // namespace herder
