#include "base/result.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(ResultType, CarriesContextUpwards) {
    const Result<int> failed =
        Result<int>(unavailable("connection refused")).with_context("renting offer 12");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "renting offer 12: connection refused");
    EXPECT_TRUE(is_retryable(failed.error().code));
    EXPECT_FALSE(is_retryable(ErrorCode::kInvalid));
    EXPECT_STREQ(to_string(ErrorCode::kNotFound), "not_found");
}

}  // namespace
}  // namespace herder
