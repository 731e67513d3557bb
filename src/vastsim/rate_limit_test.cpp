#include "vastsim/rate_limit.h"

#include <gtest/gtest.h>

#include <set>

namespace herder::vastsim {
namespace {

constexpr WallTime kNow{1'790'000'000'000'000};
constexpr std::string_view kList = "GET /api/v1/instances/";

TEST(RateLimiter, KeepsTheIntervalPerRouteAndIdentity) {
    RateLimiter limiter({false, false, {}});
    EXPECT_FALSE(limiter.check({kList, "a", "ip"}, kNow));
    EXPECT_TRUE(limiter.check({kList, "a", "ip"}, kNow + milliseconds(999)));
    EXPECT_FALSE(limiter.check({kList, "b", "ip"}, kNow + milliseconds(999)));
    EXPECT_FALSE(limiter.check({"GET /api/v0/charges/", "a", "ip"}, kNow));
    EXPECT_FALSE(limiter.check({kList, "a", "ip"}, kNow + seconds(1)));
}

TEST(RateLimiter, PerConcreteIdWhenTheSwitchSaysSo) {
    for (const bool per_id : {false, true}) {
        RateLimiter limiter({true, per_id, {}});
        const std::string_view destroy = "DELETE /api/v0/instances/{id}/";
        EXPECT_FALSE(limiter.check({destroy, "a", "ip", 5}, kNow));
        EXPECT_EQ(limiter.check({destroy, "a", "ip", 6}, kNow).has_value(), !per_id);
        EXPECT_TRUE(limiter.check({destroy, "a", "ip", 5}, kNow));
    }
}

TEST(RateLimiter, StrictModeCountsRefusedCalls) {
    RateLimiter limiter({true, false, {}});
    EXPECT_FALSE(limiter.check({kList, "a", "ip"}, kNow));
    EXPECT_TRUE(limiter.check({kList, "a", "ip"}, kNow + milliseconds(600)));
    EXPECT_TRUE(limiter.check({kList, "a", "ip"}, kNow + milliseconds(1200)));
    EXPECT_FALSE(limiter.check({kList, "a", "ip"}, kNow + milliseconds(2200)));
}

TEST(RateLimiter, CreateIsLockedOutAfterAViolation) {
    RateLimiter limiter({false, false, seconds(12)});
    const std::string_view create = "PUT /api/v0/asks/{id}/";
    EXPECT_FALSE(limiter.check({create, "a", "ip"}, kNow));
    EXPECT_TRUE(limiter.check({create, "a", "ip"}, kNow + seconds(1)));
    EXPECT_TRUE(limiter.check({create, "a", "ip"}, kNow + seconds(12)));
    EXPECT_FALSE(limiter.check({create, "a", "ip"}, kNow + seconds(14)));
}

TEST(RateLimiter, SearchAllowsTenCallsAMinutePerAddress) {
    RateLimiter limiter({true, false, {}});
    for (int i = 0; i < 10; ++i)
        EXPECT_FALSE(limiter.check({"POST /api/v0/bundles/", "a", "ip"}, kNow + seconds(i)));
    EXPECT_TRUE(limiter.check({"POST /api/v0/bundles/", "b", "ip"}, kNow + seconds(20)));
    EXPECT_FALSE(limiter.check({"POST /api/v0/bundles/", "a", "other"}, kNow + seconds(20)));
    EXPECT_FALSE(limiter.check({"POST /api/v0/bundles/", "a", "ip"}, kNow + seconds(60)));
}

TEST(RateLimiter, RefusalsHaveFourShapesAndDestroyItsOwn) {
    RateLimiter limiter({true, false, {}});
    std::set<std::string> shapes;
    for (int i = 0; i < 4; ++i)
        shapes.insert(limiter.refusal(kList).body);
    EXPECT_EQ(shapes.size(), 4U);
    EXPECT_EQ(limiter.refusal("DELETE /api/v0/instances/{id}/").body,
              R"({"success":false,"error":"rate_limit_exceeded","msg":"API requests too frequent )"
              R"(endpoint threshold=3.0"})");
}

}  // namespace
}  // namespace herder::vastsim
