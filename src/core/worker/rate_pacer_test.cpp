#include "core/worker/rate_pacer.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(RatePacer, SpreadsWhatIsSentOverTime) {
    RatePacer pacer(Bytes{1'000'000});
    const Instant start{5'000'000};
    EXPECT_EQ(pacer.admit(Bytes{250'000}, start), Duration{});
    EXPECT_EQ(pacer.admit(Bytes{250'000}, start), milliseconds(250));
    EXPECT_EQ(pacer.admit(Bytes{250'000}, start + milliseconds(250)), milliseconds(250));
}

TEST(RatePacer, APauseIsNotMadeUpFor) {
    RatePacer pacer(Bytes{1'000'000});
    (void)pacer.admit(Bytes{1'000'000}, Instant{1});
    const Instant later{1'000'000'000};
    EXPECT_EQ(pacer.admit(Bytes{500'000}, later), Duration{});
    EXPECT_EQ(pacer.admit(Bytes{500'000}, later), milliseconds(500));
}

TEST(RatePacer, WithoutALimitNothingWaits) {
    RatePacer pacer(Bytes{});
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(pacer.admit(Bytes{1LL << 40}, Instant{1}), Duration{});
}

}  // namespace
}  // namespace herder
