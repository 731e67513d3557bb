#include "adapters/providers/vast/call_quota.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

TEST(CallQuota, CountsFromLeavingUntilThePeriodAfterTheAnswer) {
    CallQuota quota(2, minutes(1));
    Instant now{1'000'000};
    quota.began();
    quota.began();
    EXPECT_EQ(quota.free_at(now), kNever) << "both are on their way";
    now = now + seconds(10);
    quota.ended(now);
    EXPECT_EQ(quota.free_at(now), now + minutes(1));
    quota.ended(now + seconds(5));
    EXPECT_EQ(quota.free_at(now + seconds(5)), now + minutes(1));
    EXPECT_EQ(quota.free_at(now + minutes(1)), now + minutes(1));
    quota.began();
    EXPECT_EQ(quota.free_at(now + minutes(1)), now + seconds(65));
}

TEST(CallQuota, WhatWasNotSentDoesNotCount) {
    CallQuota quota(1, minutes(1));
    const Instant now{1'000'000};
    quota.began();
    quota.dropped();
    EXPECT_EQ(quota.free_at(now), now);
}

}  // namespace
}  // namespace herder::vast
