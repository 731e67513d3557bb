#include <gtest/gtest.h>

#include "base/log.h"
#include "sim/world.h"

namespace herder::sim {

// The whole sweep is `herder-sim --crash-sweep`; here, a few boundaries of it.
TEST(CrashSweep, CrashAtAGivenCommitIsSurvived) {
    set_log_sink([](const LogEvent&) {});
    for (const std::uint64_t commit : {2U, 7U, 40U}) {
        for (const bool after : {false, true}) {
            WorldOptions options;
            options.fault_time = hours(2);
            options.workload_time = hours(1);
            options.quiet_time = hours(12);
            options.jobs_max = 2;
            for (int i = 0; i < kFaultCount; ++i)
                options.off.insert(static_cast<Fault>(i));
            options.crash_at_commit = commit;
            options.crash_after = after;
            const SeedReport report = run_seed(options);
            for (const Violation& violation : report.violations)
                ADD_FAILURE() << commit << ": " << violation.invariant << ": " << violation.detail;
        }
    }
}

}  // namespace herder::sim
