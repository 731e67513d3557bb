#include "sim/world.h"

#include <gtest/gtest.h>

#include "base/log.h"

namespace herder::sim {

namespace {

WorldOptions short_world(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    options.fault_time = hours(8);
    options.workload_time = hours(6);
    options.jobs_max = 15;
    return options;
}

struct WorldTest : testing::Test {
    void SetUp() override {
        set_log_sink([](const LogEvent&) {});
    }
};

TEST_F(WorldTest, EverythingConvergesAndTheBillIsRight) {
    const SeedReport report = run_seed(short_world(5));
    for (const Violation& violation : report.violations)
        ADD_FAILURE() << violation.invariant << ": " << violation.detail;
    EXPECT_GT(report.machines_rented, 0);
    EXPECT_GT(report.jobs_succeeded, 0);
    EXPECT_EQ(report.simulated, hours(32));
}

TEST_F(WorldTest, OneSeedIsOneRun) {
    EXPECT_EQ(run_seed(short_world(6)).hash, run_seed(short_world(6)).hash);
    EXPECT_NE(run_seed(short_world(6)).hash, run_seed(short_world(7)).hash);
}

// What waits has a timer: stepping the core at other moments changes nothing.
TEST_F(WorldTest, ExtraStepsChangeNothing) {
    for (const std::uint64_t seed : {2U, 5U}) {
        WorldOptions options;
        options.seed = seed;
        set_times(options, hours(24), hours(24));
        options.poke_every = seconds(7);
        options.judged_by = "0 no-missing-timer";
        const SeedReport report = run_seed(options);
        for (const Violation& violation : report.violations)
            ADD_FAILURE() << seed << ": " << violation.detail;
    }
}

TEST_F(WorldTest, PlantedDefectsAreCaught) {
    for (const Mutant mutant : {Mutant::kNoIntentRow, Mutant::kAddCharges}) {
        WorldOptions options = short_world(1);
        options.mutant = mutant;
        EXPECT_FALSE(run_seed(options).holds()) << to_string(mutant);
    }
}

}  // namespace

}  // namespace herder::sim
