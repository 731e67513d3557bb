#include "sim/batch.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/log.h"

namespace herder::sim {

namespace {

BatchOptions small_batch() {
    set_log_sink([](const LogEvent&) {});
    BatchOptions options;
    options.seeds = 3;
    options.fault_time = hours(4);
    options.explains = false;
    return options;
}

TEST(Batch, SumIsTheSameOnAnyNumberOfThreads) {
    std::ostringstream out;
    BatchOptions options = small_batch();
    options.threads = 1;
    const BatchReport one = run_batch(options, out);
    options.threads = 3;
    const BatchReport three = run_batch(options, out);
    EXPECT_EQ(one.hash, three.hash);
    EXPECT_EQ(one.machines, three.machines);
    EXPECT_EQ(one.seeds, 3U);
}

TEST(Batch, SummaryEndsWithItsLine) {
    std::ostringstream out;
    print_summary(run_batch(small_batch(), out), out);
    const std::string text = out.str();
    const std::size_t last = text.rfind('\n', text.size() - 2);
    EXPECT_TRUE(text.substr(last + 1).starts_with("sim: seeds=3 failed=")) << text;
}

TEST(Batch, CaughtMutantIsReported) {
    std::ostringstream out;
    BatchOptions options = small_batch();
    options.seeds = 20;
    EXPECT_TRUE(run_mutants(Mutant::kNoIntentRow, options, out));
    EXPECT_NE(out.str().find("caught at seed"), std::string::npos);
}

}  // namespace

}  // namespace herder::sim
