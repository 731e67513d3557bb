#include "adapters/providers/vast/call_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "adapters/providers/vast/virtual_clock_test.h"

namespace herder::vast {
namespace {

class CallGateTest : public testing::Test {
  protected:
    Wish wish(Route route, Duration patience = minutes(5),
              Importance importance = Importance::kWatch) {
        return {route, importance, "", clock_.monotonic() + patience};
    }
    static void answer(CallGate::Permit&& permit) {
        permit.ended({CallEnd::Kind::kAnswered, {}, {}});
    }

    VirtualClock clock_;
    Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { clock_.advance(d); }};
};

TEST_F(CallGateTest, WaitsForTheInterval) {
    CallGate& gate = traffic_.gate_of("k");
    answer(*gate.enter(wish(Route::kCreate)));
    const Instant answered = clock_.monotonic();
    answer(*gate.enter(wish(Route::kCreate)));
    EXPECT_EQ(clock_.monotonic() - answered, milliseconds(4'500));
    EXPECT_EQ(gate.view().routes[static_cast<std::size_t>(Route::kCreate)].sent, 2U);
}

TEST_F(CallGateTest, WhatComesTooLateIsNotSent) {
    CallGate& gate = traffic_.gate_of("k");
    answer(*gate.enter(wish(Route::kCreate)));
    const auto refused = gate.enter(wish(Route::kCreate, seconds(1)));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().why.find("not sent"), std::string::npos);
}

TEST_F(CallGateTest, ADroppedPermitCostsNothing) {
    CallGate& gate = traffic_.gate_of("k");
    gate.enter(wish(Route::kCreate))->drop();
    const Instant before = clock_.monotonic();
    answer(*gate.enter(wish(Route::kCreate)));
    EXPECT_EQ(clock_.monotonic(), before);
}

TEST_F(CallGateTest, APermitWithoutAnEndCountsAsFailed) {
    CallGate& gate = traffic_.gate_of("k");
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(gate.enter(wish(Route::kList)).has_value());
    EXPECT_TRUE(gate.view().is_broken);
}

TEST_F(CallGateTest, OneIdentityIsOneGateAndAnotherHasItsOwn) {
    EXPECT_EQ(&traffic_.gate_of("k"), &traffic_.gate_of("k"));
    CallGate& mine = traffic_.gate_of("k");
    CallGate& other = traffic_.gate_of("another");
    ASSERT_NE(&mine, &other);
    answer(*mine.enter(wish(Route::kCreate)));
    const Instant before = clock_.monotonic();
    answer(*other.enter(wish(Route::kCreate)));
    EXPECT_EQ(clock_.monotonic(), before) << "intervals are per identity";
    for (int i = 0; i < 9; ++i)
        answer(*(i % 2 == 0 ? mine : other).enter(wish(Route::kSearch)));
    EXPECT_EQ(clock_.monotonic(), before);
    answer(*other.enter(wish(Route::kSearch)));
    EXPECT_GE(clock_.monotonic() - before, minutes(1)) << "searches are counted by address";
}

// Real threads: here time stands still, so only the end of the first call lets the second leave.
class CallGateThreads : public testing::Test {
  protected:
    CallGateThreads()
        : traffic_(clock_, [this](auto& lock, auto& changed, Duration) {
              waits_.fetch_add(1);
              waits_.notify_all();
              changed.wait(lock);
          }) {}

    VirtualClock clock_;
    std::atomic<int> waits_ = 0;
    Traffic traffic_;
};

TEST_F(CallGateThreads, TheEndOfACallWakesWhoWaits) {
    CallGate& gate = traffic_.gate_of("k");
    auto first = gate.enter({Route::kSearch, Importance::kPlan, "", kNever});
    ASSERT_TRUE(first.has_value());
    auto second = std::async(std::launch::async, [&] {
        return gate.enter({Route::kSearch, Importance::kPlan, "", kNever}).has_value();
    });
    waits_.wait(0);
    first->ended({CallEnd::Kind::kAnswered, {}, {}});
    EXPECT_TRUE(second.get());
}

TEST_F(CallGateThreads, StoppingTellsWhoWaitsThatNothingWasSent) {
    CallGate& gate = traffic_.gate_of("k");
    auto first = gate.enter({Route::kList, Importance::kWatch, "", kNever});
    ASSERT_TRUE(first.has_value());
    auto second = std::async(std::launch::async, [&] {
        const auto permit = gate.enter({Route::kList, Importance::kWatch, "", kNever});
        return permit ? std::string() : permit.error().why;
    });
    waits_.wait(0);
    traffic_.stop();
    EXPECT_EQ(second.get(), "not sent: the server stops");
    EXPECT_FALSE(gate.enter({Route::kShow, Importance::kWatch, "", kNever}).has_value());
    first->ended({CallEnd::Kind::kAnswered, {}, {}});
}

}  // namespace
}  // namespace herder::vast
