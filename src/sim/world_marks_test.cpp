#include <gtest/gtest.h>

#include "base/log.h"
#include "sim/world.h"

namespace herder::sim {

TEST(WorldMarks, OrdinarySituationsAreSeenInAFewSeeds) {
    set_log_sink([](const LogEvent&) {});
    Marks marks;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        WorldOptions options;
        options.seed = seed;
        options.fault_time = hours(12);
        options.workload_time = hours(10);
        marks.add(run_seed(options).marks);
    }
    EXPECT_GT(marks.hits(Mark::kPreempted), 0U);
    EXPECT_GT(marks.hits(Mark::kResumedFromCheckpoint), 0U);
    EXPECT_GT(marks.hits(Mark::kCheckpointRetired), 0U);
}

}  // namespace herder::sim
