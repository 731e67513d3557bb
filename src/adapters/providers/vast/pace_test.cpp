#include "adapters/providers/vast/pace.h"

#include <gtest/gtest.h>

#include "adapters/providers/vast/virtual_clock_test.h"

namespace herder::vast {
namespace {

class PaceTest : public testing::Test {
  protected:
    // Sends one call that takes `call` and returns when it left.
    Instant send(Route route, Duration call = {}) {
        pace_.wait_for_turn(route);
        const Instant left = clock_.monotonic();
        clock_.advance(call);
        pace_.note_answer(route);
        return left;
    }

    VirtualClock clock_;
    Pace pace_{clock_, [this](Duration d) { clock_.advance(d); }};
};

TEST_F(PaceTest, TheFirstCallLeavesAtOnce) {
    EXPECT_EQ(send(Route::kCreate), clock_.start());
}

TEST_F(PaceTest, KeepsTheIntervalFromTheAnswerOn) {
    send(Route::kDestroy, milliseconds(700));
    EXPECT_EQ(send(Route::kDestroy) - clock_.start(), milliseconds(3'700));
}

TEST_F(PaceTest, RoutesDoNotHoldEachOtherUp) {
    send(Route::kCreate);
    EXPECT_EQ(send(Route::kDestroy), clock_.start());
    EXPECT_EQ(send(Route::kList), clock_.start());
}

TEST_F(PaceTest, EveryRouteKeepsItsThreshold) {
    for (const Route route : {Route::kCreate, Route::kShow, Route::kList, Route::kDestroy,
                              Route::kChangeBid, Route::kCharges, Route::kAccount}) {
        const Instant first = send(route);
        EXPECT_EQ(send(route) - first, interval_of(route));
        EXPECT_GE(interval_of(route), seconds(1));
    }
}

TEST_F(PaceTest, SearchesComeInBurstsButNeverTenAMinute) {
    std::vector<Instant> left;
    for (int i = 0; i < 40; ++i)
        left.push_back(send(Route::kSearch));
    EXPECT_EQ(left[8], clock_.start()) << "nine at once";
    for (std::size_t i = 9; i < left.size(); ++i)
        EXPECT_GE(left[i] - left[i - 9], seconds(60));
}

TEST_F(PaceTest, ARefusalHoldsTheRouteAsLongAsItAsksFor) {
    const Instant first = send(Route::kList);
    pace_.note_refusal(Route::kList, seconds(7));
    EXPECT_EQ(send(Route::kList) - first, seconds(7));
}

TEST_F(PaceTest, ARefusalWithoutANumberDoublesTheInterval) {
    const Instant first = send(Route::kShow);
    pace_.note_refusal(Route::kShow, {});
    EXPECT_EQ(send(Route::kShow) - first, seconds(4));
}

TEST_F(PaceTest, ARefusedCreateIsLockedOutLonger) {
    const Instant first = send(Route::kCreate);
    pace_.note_refusal(Route::kCreate, milliseconds(4'500));
    EXPECT_EQ(send(Route::kCreate) - first, seconds(12));
}

TEST_F(PaceTest, AnAbsurdWaitIsCapped) {
    const Instant first = send(Route::kList);
    pace_.note_refusal(Route::kList, days(3));
    EXPECT_EQ(send(Route::kList) - first, seconds(120));
}

TEST_F(PaceTest, SlotsAreHandedOutBeforeTheAnswersAreHere) {
    // Two callers at the same moment: the second one's slot is an interval later.
    pace_.wait_for_turn(Route::kDestroy);
    pace_.wait_for_turn(Route::kDestroy);
    EXPECT_EQ(clock_.monotonic() - clock_.start(), seconds(3));
}

}  // namespace
}  // namespace herder::vast
