#include "adapters/providers/vast/breaker.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace herder::vast {
namespace {

using Way = Breaker::Way;

class BreakerTest : public testing::Test {
  protected:
    void fail(int times) {
        for (int i = 0; i < times; ++i)
            breaker_.ended(false, false, now_);
    }
    void probe(ProbeRight right, bool is_good) {
        ASSERT_EQ(breaker_.way(right, now_), Way::kProbe);
        breaker_.probe_began();
        breaker_.ended(true, is_good, now_);
    }
    Way way(ProbeRight right) const { return breaker_.way(right, now_); }

    Breaker breaker_;
    Instant now_{1'000'000'000};
};

TEST_F(BreakerTest, OpensAfterFiveFailuresInARowAndNotBefore) {
    fail(4);
    EXPECT_EQ(way(ProbeRight::kNever), Way::kFree);
    breaker_.ended(false, true, now_);
    fail(4);
    EXPECT_EQ(way(ProbeRight::kNever), Way::kFree) << "an answer in between begins anew";
    fail(1);
    EXPECT_EQ(way(ProbeRight::kWhenDue), Way::kRefused);
}

TEST_F(BreakerTest, OpensWhenMostCallsOfAMinuteFail) {
    for (int i = 0; i < 4; ++i) {
        breaker_.ended(false, true, now_);
        fail(2);
    }
    EXPECT_TRUE(breaker_.is_open());
}

TEST_F(BreakerTest, WhatFailedLongAgoDoesNotCount) {
    for (int i = 0; i < 20; ++i) {
        fail(1);
        now_ = now_ + minutes(2);
        breaker_.ended(false, true, now_);
    }
    EXPECT_FALSE(breaker_.is_open());
}

TEST_F(BreakerTest, StopsMoneyWithinThePauseWhileNothingElseIsAsked) {
    fail(5);
    now_ = now_ + seconds(3);
    EXPECT_EQ(way(ProbeRight::kWhenDue), Way::kRefused);
    EXPECT_EQ(way(ProbeRight::kNever), Way::kRefused);
    EXPECT_EQ(way(ProbeRight::kStopMoney), Way::kProbe);
    breaker_.probe_began();
    EXPECT_EQ(way(ProbeRight::kStopMoney), Way::kRefused) << "one probe at a time";
    breaker_.ended(true, false, now_);
    now_ = now_ + seconds(2);
    EXPECT_EQ(way(ProbeRight::kWhenDue), Way::kProbe) << "its failure does not prolong the pause";
}

TEST_F(BreakerTest, PausesGrowToAMinuteAndEndWithTheFirstAnswer) {
    fail(5);
    for (const int pause : {5, 10, 20, 40, 60, 60}) {
        EXPECT_EQ(breaker_.pause(ProbeRight::kWhenDue, now_), seconds(pause));
        now_ = now_ + seconds(pause);
        probe(ProbeRight::kWhenDue, false);
    }
    now_ = now_ + minutes(1);
    probe(ProbeRight::kWhenDue, true);
    EXPECT_EQ(way(ProbeRight::kNever), Way::kFree);
    fail(4);
    EXPECT_EQ(way(ProbeRight::kNever), Way::kFree) << "the old failures are forgotten";
}

TEST_F(BreakerTest, ACreateIsNeverTheProbe) {
    fail(5);
    now_ = now_ + hours(1);
    EXPECT_EQ(way(ProbeRight::kNever), Way::kRefused);
    EXPECT_EQ(way(ProbeRight::kWhenDue), Way::kProbe);
}

TEST_F(BreakerTest, CallsThatLeftBeforeItOpenedDecideNothing) {
    fail(5);
    breaker_.ended(false, true, now_);
    EXPECT_TRUE(breaker_.is_open());
    breaker_.ended(false, false, now_);
    EXPECT_EQ(breaker_.pause(ProbeRight::kWhenDue, now_), seconds(5));
}

TEST_F(BreakerTest, ADroppedProbeLeavesRoomForTheNext) {
    fail(5);
    now_ = now_ + seconds(5);
    breaker_.probe_began();
    breaker_.probe_dropped();
    EXPECT_EQ(way(ProbeRight::kWhenDue), Way::kProbe);
}

// Whatever happens: reads are let through again within a minute, and one answer closes it.
TEST_F(BreakerTest, NeverStaysShut) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        RandomStream random(seed, "breaker");
        Breaker breaker;
        Instant now{1};
        for (int i = 0; i < 200; ++i) {
            now = now + milliseconds(random.between(0, 20'000));
            const auto right =
                random.chance_per_million(500'000) ? ProbeRight::kWhenDue : ProbeRight::kStopMoney;
            const Way way = breaker.way(right, now);
            if (way == Way::kRefused) {
                ASSERT_LE(breaker.pause(right, now), minutes(1));
                continue;
            }
            if (way == Way::kProbe) breaker.probe_began();
            const bool is_good = random.chance_per_million(300'000);
            breaker.ended(way == Way::kProbe, is_good, now);
            if (way == Way::kProbe) {
                ASSERT_EQ(breaker.is_open(), !is_good);
            }
        }
        now = now + minutes(1);
        ASSERT_NE(breaker.way(ProbeRight::kWhenDue, now), Way::kRefused) << seed;
    }
}

}  // namespace
}  // namespace herder::vast
