#include "core/job_queue/retry_policy.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr Instant kNow{1'000'000};

JobPhase after(Job& job, EndReason reason) {
    return decide_after_attempt(job, reason, "detail", kNow, {}, 7);
}

TEST(RetryPolicy, UserErrorsConsumeTheUsersBudgetAndNothingElse) {
    Job job;
    job.spec.recovery.max_restarts_on_errors = 1;
    EXPECT_TRUE(std::holds_alternative<phase::Recovering>(after(job, EndReason::kUserError)));
    EXPECT_EQ(job.user_restarts, 1);
    EXPECT_EQ(job.infra_losses, 0);
    const JobPhase last = after(job, EndReason::kNanLoss);
    ASSERT_TRUE(std::holds_alternative<phase::Failed>(last));
    EXPECT_EQ(std::get<phase::Failed>(last).reason, EndReason::kNanLoss);
}

TEST(RetryPolicy, InfrastructureNeverTouchesTheUsersBudgetAndBacksOff) {
    Job job;
    Instant previous = kNow;
    for (int i = 0; i < 50; ++i) {
        const JobPhase next = after(job, EndReason::kHostLost);
        ASSERT_TRUE(std::holds_alternative<phase::Recovering>(next));
        const Instant at = std::get<phase::Recovering>(next).not_before;
        EXPECT_GE(at, i < 7 ? previous : kNow + minutes(10));
        EXPECT_LE(at, kNow + minutes(13));
        previous = at;
    }
    EXPECT_EQ(job.user_restarts, 0);
}

TEST(RetryPolicy, RecoveryCanBeTurnedOffByCause) {
    Job job;
    job.spec.recovery.on_preemption = false;
    EXPECT_TRUE(std::holds_alternative<phase::Failed>(after(job, EndReason::kPreempted)));
    EXPECT_TRUE(std::holds_alternative<phase::Recovering>(after(job, EndReason::kHostLost)));
}

TEST(RetryPolicy, APendingWishDecidesWhateverTheReason) {
    for (const auto& [wish, index] :
         {std::pair{EndReason::kCancelled, JobPhase(phase::Cancelled{}).index()},
          std::pair{EndReason::kPaused, JobPhase(phase::Paused{}).index()},
          std::pair{EndReason::kBudget, JobPhase(phase::Failed{}).index()}}) {
        Job job;
        job.stop = StopRequest{.reason = wish, .since = kNow, .actor = "test"};
        EXPECT_EQ(after(job, EndReason::kPreempted).index(), index);
        EXPECT_EQ(after(job, EndReason::kUserError).index(), index);
        EXPECT_TRUE(std::holds_alternative<phase::Succeeded>(after(job, EndReason::kSucceeded)));
    }
}

}  // namespace
}  // namespace herder
