#include "cli/exit_codes.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

TEST(ExitCodes, TellRefusalFromBreakage) {
    EXPECT_EQ(exit_code_of(ErrorCode::kBudgetExceeded), ExitCode::kRefused);
    EXPECT_EQ(exit_code_of(ErrorCode::kInternal), ExitCode::kFailed);
    EXPECT_EQ(exit_code_of(ErrorCode::kInvalid), ExitCode::kUsage);
    EXPECT_EQ(exit_code_of(ErrorCode::kNotFound), ExitCode::kNotFound);
    EXPECT_EQ(exit_code_of(ErrorCode::kUnauthenticated), ExitCode::kLogin);
}

}  // namespace
}  // namespace herder::cli
