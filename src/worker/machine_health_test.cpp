#include "worker/machine_health.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(MachineHealth, ReadsNvidiaSmi) {
    const auto gpus = parse_nvidia_smi(
        "NVIDIA GeForce RTX 4090, 97, 20123, 24564, 66\r\nTesla, [N/A], 1, 2, 3\nnonsense\n");
    ASSERT_EQ(gpus.size(), 2U);
    EXPECT_EQ(gpus[0], (GpuHealth{"NVIDIA GeForce RTX 4090", 97, 20123, 24564, 66}));
    EXPECT_EQ(gpus[1].utilization_percent, 0);
}

TEST(MachineHealth, MeasuresThisMachine) {
    HealthMeter meter("/");
    meter.measure();
    const MachineHealth health = meter.measure();
    EXPECT_GT(health.memory_total.count, 0);
    EXPECT_GT(health.memory_used.count, 0);
    EXPECT_GT(health.disk_free.count, 0);
    EXPECT_GE(health.cpu_percent, 0);
}

}  // namespace
}  // namespace herder
