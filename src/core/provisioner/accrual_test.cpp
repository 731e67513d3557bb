#include <gtest/gtest.h>

#include "core/provisioner/intent.h"

namespace herder {
namespace {

TEST(Accrual, DiskBillsFromTheContractAndTheGpuOnlyWhileItRuns) {
    Intent intent;
    intent.gpu_rate = usd_per_hour_micros(600'000);
    intent.disk_rate = usd_per_hour_micros(20'000);
    const Instant start{};
    EXPECT_EQ(accrued(intent, start + hours(9)), Usd{});
    intent.bound = start;
    EXPECT_EQ(accrued(intent, start + hours(1)), usd_micros(20'000));
    intent.live = start + hours(1);
    EXPECT_EQ(accrued(intent, start + hours(2)), usd_micros(640'000));
    intent.gpu_end = start + hours(2);
    EXPECT_EQ(accrued(intent, start + hours(3)), usd_micros(660'000));
    intent.disk_end = start + hours(3);
    EXPECT_EQ(accrued(intent, start + hours(50)), usd_micros(660'000));
}

}  // namespace
}  // namespace herder
