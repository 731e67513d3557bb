#include <gtest/gtest.h>

#include <sstream>

#include "base/log.h"
#include "sim/batch.h"

namespace herder::sim {

TEST(Explain, PrintsHowToReplayAndWhatIsNeeded) {
    set_log_sink([](const LogEvent&) {});
    WorldOptions options;
    options.fault_time = hours(2);
    options.workload_time = hours(2);
    options.mutant = Mutant::kNoIntentRow;
    const SeedReport failed = run_seed(options);
    ASSERT_FALSE(failed.holds());
    std::ostringstream out;
    explain(failed, options, out);
    EXPECT_NE(out.str().find("--replay 1 --trace --hours 2 --mutant no-intent-row"),
              std::string::npos)
        << out.str();
    EXPECT_NE(out.str().find("needs:"), std::string::npos);
    EXPECT_NE(out.str().find("horizon"), std::string::npos);
}

}  // namespace herder::sim
