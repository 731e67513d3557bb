#include "core/worker/missing_outputs.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(MissingOutputs, AreToldBehindWhatIsKnown) {
    const AttemptOutcome good{EndReason::kSucceeded, 0, ""};
    const AttemptOutcome bad{EndReason::kUserError, 1, "boom"};
    EXPECT_EQ(with_missing_outputs(good, ""), good);
    EXPECT_EQ(with_missing_outputs(bad, ""), bad);
    EXPECT_EQ(with_missing_outputs(good, "a is not stored").detail, "a is not stored");
    EXPECT_EQ(with_missing_outputs(bad, "a is not stored").detail, "boom; a is not stored");
}

TEST(MissingOutputs, AreToldOnce) {
    const auto told = with_missing_outputs({EndReason::kUserError, 1, "boom"}, "a is not stored");
    EXPECT_EQ(with_missing_outputs(told, "a is not stored"), told);
}

}  // namespace
}  // namespace herder
