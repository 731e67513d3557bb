#include "sim/job_plan.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(JobPlan, IsFoundAgainThroughItsSpec) {
    RandomStream workload(1, "workload");
    for (std::uint64_t number = 1; number <= 50; ++number) {
        const JobPlan plan = draw_job_plan(workload, number, hours(48));
        EXPECT_EQ(plan_number(plan.spec), number);
        EXPECT_LE(plan.submit_at, Instant{} + hours(48));
        EXPECT_GT(plan.steps, 0);
        EXPECT_GT(plan.spec.checkpoint.every_steps, 0);
    }
    EXPECT_EQ(plan_number(JobSpec{}), 0U);
}

}  // namespace herder::sim
