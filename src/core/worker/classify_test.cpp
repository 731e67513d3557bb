#include "core/worker/classify.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(ClassifyEnd, ZeroSucceedsUnlessAStopWasAsked) {
    EXPECT_EQ(classify_end({}, EndedIn::kRun, {}).reason, EndReason::kSucceeded);
    EXPECT_EQ(classify_end({}, EndedIn::kRun, EndReason::kBudget).reason, EndReason::kBudget);
    EXPECT_EQ(classify_end({.exit_code = 143}, EndedIn::kRun, EndReason::kPaused).reason,
              EndReason::kPaused);
}

TEST(ClassifyEnd, HintsNameTheCause) {
    EXPECT_EQ(
        classify_end({.exit_code = 137, .host_out_of_memory = true}, EndedIn::kRun, {}).reason,
        EndReason::kOutOfMemoryHost);
    EXPECT_EQ(classify_end({.exit_code = 1, .gpu_out_of_memory = true}, EndedIn::kRun, {}).reason,
              EndReason::kOutOfMemoryGpu);
    EXPECT_EQ(classify_end({.exit_code = 1, .disk_full = true}, EndedIn::kRun, {}).reason,
              EndReason::kDiskFull);
    EXPECT_EQ(classify_end({.exit_code = 137}, EndedIn::kRun, {}).reason, EndReason::kUserError);
}

TEST(ClassifyEnd, SetupSaysThatItWasTheSetup) {
    const auto outcome = classify_end({.exit_code = 2, .detail = "no pip"}, EndedIn::kSetup, {});
    EXPECT_EQ(outcome.reason, EndReason::kUserError);
    EXPECT_EQ(outcome.detail, "setup ended with exit code 2: no pip");
}

}  // namespace
}  // namespace herder
