#include "adapters/providers/vast/call_schedule.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace herder::vast {
namespace {

using Kind = CallEnd::Kind;

class CallScheduleTest : public testing::Test {
  protected:
    std::variant<Ticket, NotSent> ask(Route route, Importance importance,
                                      const std::string& owner = "",
                                      Duration patience = minutes(10)) {
        return schedule_.ask({route, importance, owner, now_ + patience}, now_);
    }
    Ticket queue(Route route, Importance importance, const std::string& owner = "",
                 Duration patience = minutes(10)) {
        const auto answer = ask(route, importance, owner, patience);
        EXPECT_TRUE(std::holds_alternative<Ticket>(answer));
        return std::get<Ticket>(answer);
    }
    // Lets time pass until a call leaves; returns it.
    Ticket next() {
        std::optional<Ticket> ticket = schedule_.release(now_);
        while (!ticket) {
            const Instant change = schedule_.next_change(now_);
            if (change == kNever) return 0;
            now_ = change;
            ticket = schedule_.release(now_);
        }
        return *ticket;
    }
    void end(Ticket ticket, Kind kind = Kind::kAnswered, Duration asked = {}) {
        schedule_.ended(ticket, {kind, asked, {}}, now_);
    }
    // One call from asking to its answer; returns when it left.
    Instant call(Route route, Importance importance = Importance::kWatch) {
        const Ticket ticket = queue(route, importance);
        EXPECT_EQ(next(), ticket);
        const Instant left = now_;
        end(ticket);
        return left;
    }
    void break_market() {
        for (int i = 0; i < 5; ++i) {
            const Ticket ticket = queue(Route::kList, Importance::kWatch);
            ASSERT_EQ(next(), ticket);
            end(ticket, Kind::kFailed);
        }
        ASSERT_TRUE(schedule_.is_broken());
    }

    CallQuota searches_{9, minutes(1)};
    CallSchedule schedule_{searches_};
    Instant now_{1'000'000'000};
};

TEST_F(CallScheduleTest, EveryRouteKeepsItsIntervalFromTheAnswerOn) {
    for (std::size_t i = 0; i < kRouteCount; ++i) {
        const Route route = static_cast<Route>(i);
        if (route == Route::kSearch) continue;
        const Ticket first = queue(route, Importance::kPlan);
        ASSERT_EQ(next(), first);
        const Ticket second = queue(route, Importance::kPlan);
        EXPECT_FALSE(schedule_.release(now_)) << "one at a time";
        now_ = now_ + seconds(2);  // the answer takes its time
        const Instant answered = now_;
        end(first);
        ASSERT_EQ(next(), second);
        EXPECT_EQ(now_, answered + interval_of(route)) << to_string(route);
        end(second);
    }
}

TEST_F(CallScheduleTest, RoutesDoNotHoldEachOtherUp) {
    const Ticket create = queue(Route::kCreate, Importance::kCreate);
    const Ticket list = queue(Route::kList, Importance::kWatch);
    EXPECT_EQ(schedule_.release(now_), create);
    EXPECT_EQ(schedule_.release(now_), list);
}

TEST_F(CallScheduleTest, StopsMoneyFirst) {
    const Ticket people = queue(Route::kSearch, Importance::kPeople);
    const Ticket watch = queue(Route::kList, Importance::kWatch);
    const Ticket create = queue(Route::kCreate, Importance::kCreate);
    const Ticket stop = queue(Route::kManage, Importance::kStop);
    const Ticket destroy = queue(Route::kDestroy, Importance::kDestroy);
    for (const Ticket ticket : {destroy, stop, create}) {
        EXPECT_EQ(schedule_.release(now_), ticket);
    }
    EXPECT_FALSE(schedule_.release(now_)) << "the last connection is for what stops money";
    end(create);
    EXPECT_EQ(schedule_.release(now_), watch);
    EXPECT_FALSE(schedule_.release(now_));
    const Ticket many = queue(Route::kDestroyMany, Importance::kDestroy);
    EXPECT_EQ(schedule_.release(now_), many);
    end(destroy);
    end(stop);
    EXPECT_EQ(schedule_.release(now_), people);
}

TEST_F(CallScheduleTest, OwnersTakeTurns) {
    std::vector<Ticket> greedy;
    for (int i = 0; i < 4; ++i)
        greedy.push_back(queue(Route::kList, Importance::kPeople, "greedy"));
    const Ticket modest = queue(Route::kList, Importance::kPeople, "modest");
    for (const Ticket ticket : {greedy[0], modest, greedy[1], greedy[2], greedy[3]}) {
        ASSERT_EQ(next(), ticket);
        end(ticket);
    }
}

TEST_F(CallScheduleTest, NineSearchesAMinuteLeave) {
    std::vector<Instant> left;
    for (int i = 0; i < 30; ++i)
        left.push_back(call(Route::kSearch, Importance::kPlan));
    for (std::size_t i = 9; i < left.size(); ++i)
        EXPECT_GE(left[i] - left[i - 9], minutes(1));
    EXPECT_LE(left[8] - left[0], Duration{}) << "the first nine need not wait";
}

TEST_F(CallScheduleTest, ANamedIntervalIsObeyedAndLearned) {
    const Ticket refused = queue(Route::kList, Importance::kWatch);
    next();
    end(refused, Kind::kTooFrequent, milliseconds(4'500));
    const Instant answered = now_;
    EXPECT_EQ(call(Route::kList), answered + milliseconds(4'500));
    EXPECT_EQ(call(Route::kList), answered + milliseconds(9'000)) << "for good";
    EXPECT_EQ(schedule_.counts(Route::kList).interval, milliseconds(4'500));
    EXPECT_EQ(call(Route::kShow), now_) << "only on its route";
}

TEST_F(CallScheduleTest, ARetryAfterHoldsOnce) {
    const Ticket refused = queue(Route::kList, Importance::kWatch);
    next();
    schedule_.ended(refused, {Kind::kTooFrequent, {}, seconds(20)}, now_);
    const Instant answered = now_;
    EXPECT_EQ(call(Route::kList), answered + seconds(20));
    EXPECT_EQ(call(Route::kList), answered + seconds(21));
}

TEST_F(CallScheduleTest, ASmallerNumberThanTheDocumentedOneChangesNothing) {
    const Ticket refused = queue(Route::kCreate, Importance::kPlan);
    next();
    end(refused, Kind::kTooFrequent, seconds(1));
    EXPECT_EQ(schedule_.counts(Route::kCreate).interval, milliseconds(4'500));
}

TEST_F(CallScheduleTest, ARefusedCreateIsLockedOutForItsPenalty) {
    const Ticket refused = queue(Route::kCreate, Importance::kCreate);
    next();
    end(refused, Kind::kTooFrequent, milliseconds(4'500));
    const Instant answered = now_;
    EXPECT_EQ(call(Route::kCreate, Importance::kCreate), answered + seconds(12));
}

TEST_F(CallScheduleTest, RefusalsInARowWaitEverLongerUpToTwoMinutes) {
    Duration before;
    for (int i = 0; i < 12; ++i) {
        const Ticket ticket = queue(Route::kDestroy, Importance::kDestroy);
        ASSERT_EQ(next(), ticket);
        const Instant left = now_;
        end(ticket, Kind::kTooFrequent, seconds(3));
        const Ticket after = queue(Route::kDestroy, Importance::kDestroy);
        ASSERT_EQ(next(), after);
        const Duration wait = now_ - left;
        EXPECT_GE(wait, before);
        EXPECT_LE(wait, minutes(2));
        before = wait;
        end(after, Kind::kTooFrequent, seconds(3));
        now_ = now_ + minutes(3);
    }
    EXPECT_GT(before, seconds(60));
    call(Route::kDestroy);
    EXPECT_EQ(call(Route::kDestroy) + seconds(3), now_ + seconds(3));
}

TEST_F(CallScheduleTest, AHugeNumberIsNotBelieved) {
    const Ticket refused = queue(Route::kList, Importance::kWatch);
    next();
    end(refused, Kind::kTooFrequent, days(30));
    EXPECT_LE(schedule_.counts(Route::kList).interval, minutes(1));
    const Instant answered = now_;
    EXPECT_LE(call(Route::kList), answered + minutes(2));
}

TEST_F(CallScheduleTest, WhatCannotLeaveInTimeIsRefusedAtOnce) {
    const Ticket refused = queue(Route::kCreate, Importance::kCreate);
    next();
    end(refused, Kind::kTooFrequent, milliseconds(4'500));
    const auto answer = ask(Route::kCreate, Importance::kCreate, "j1", seconds(5));
    ASSERT_TRUE(std::holds_alternative<NotSent>(answer));
    EXPECT_EQ(std::get<NotSent>(answer).retry_in, seconds(12));
    EXPECT_EQ(schedule_.counts(Route::kCreate).not_sent, 1U);
    EXPECT_EQ(schedule_.waiting(), 0U);
}

TEST_F(CallScheduleTest, WhoWaitedInVainIsToldAndNeverLeaves) {
    const Ticket slow = queue(Route::kCreate, Importance::kCreate);
    ASSERT_EQ(next(), slow);
    const Ticket late = queue(Route::kCreate, Importance::kCreate, "", seconds(30));
    EXPECT_EQ(schedule_.next_change(now_), now_ + seconds(30));
    now_ = now_ + seconds(30);
    EXPECT_FALSE(schedule_.release(now_));
    const auto hopeless = schedule_.take_hopeless(now_);
    ASSERT_EQ(hopeless.size(), 1U);
    EXPECT_EQ(hopeless[0].first, late);
    end(slow);
    now_ = now_ + minutes(1);
    EXPECT_FALSE(schedule_.release(now_));
}

TEST_F(CallScheduleTest, ABrokenMarketIsNotWaitedFor) {
    break_market();
    for (const auto& [route, importance] : {std::pair{Route::kCreate, Importance::kCreate},
                                            {Route::kSearch, Importance::kPlan},
                                            {Route::kList, Importance::kWatch}}) {
        const auto answer = ask(route, importance);
        ASSERT_TRUE(std::holds_alternative<NotSent>(answer)) << to_string(route);
        EXPECT_GT(std::get<NotSent>(answer).retry_in, Duration{});
    }
}

TEST_F(CallScheduleTest, WhoWaitsWhenItBreaksIsToldAtOnce) {
    const Ticket slow = queue(Route::kCreate, Importance::kCreate);
    ASSERT_EQ(next(), slow);
    const Ticket waits = queue(Route::kCreate, Importance::kCreate);
    break_market();
    const auto hopeless = schedule_.take_hopeless(now_);
    ASSERT_EQ(hopeless.size(), 1U);
    EXPECT_EQ(hopeless[0].first, waits);
}

TEST_F(CallScheduleTest, ABrokenMarketIsStillAskedToStopMoney) {
    break_market();
    now_ = now_ + seconds(3);
    const Ticket destroy = queue(Route::kDestroy, Importance::kDestroy);
    EXPECT_EQ(schedule_.release(now_), destroy);
    EXPECT_TRUE(std::holds_alternative<NotSent>(ask(Route::kDestroyMany, Importance::kDestroy)))
        << "one probe at a time";
    end(destroy);
    EXPECT_FALSE(schedule_.is_broken()) << "an answer closes the breaker";
    EXPECT_TRUE(std::holds_alternative<Ticket>(ask(Route::kCreate, Importance::kCreate)));
}

TEST_F(CallScheduleTest, AWithdrawnCallFreesItsRouteWithoutAnInterval) {
    const Ticket dropped = queue(Route::kCreate, Importance::kCreate);
    next();
    schedule_.withdraw(dropped);
    EXPECT_EQ(call(Route::kCreate, Importance::kCreate), now_);
}

TEST_F(CallScheduleTest, TheQueueHasALimit) {
    int queued = 0;
    while (std::holds_alternative<Ticket>(ask(Route::kList, Importance::kPeople)))
        ASSERT_LT(++queued, 1000);
    EXPECT_EQ(static_cast<std::size_t>(queued), schedule_.waiting());
}

TEST_F(CallScheduleTest, CountsWhatHappened) {
    const Ticket slow = queue(Route::kList, Importance::kWatch);
    ASSERT_EQ(next(), slow);
    const Ticket second = queue(Route::kList, Importance::kWatch);
    end(slow, Kind::kFailed);
    ASSERT_EQ(next(), second);
    end(second, Kind::kTooFrequent, seconds(1));
    const RouteCounts& counts = schedule_.counts(Route::kList);
    EXPECT_EQ(counts.sent, 2U);
    EXPECT_EQ(counts.failed, 1U);
    EXPECT_EQ(counts.too_frequent, 1U);
    EXPECT_EQ(counts.waited, seconds(1));
    EXPECT_EQ(counts.longest_wait, seconds(1));
}

// Whatever is asked and however long answers take: nobody leaves after its time, at most one call
// of a route is on its way, two of a route are an interval apart, and everybody is told something.
TEST_F(CallScheduleTest, HoldsForAnyTraffic) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        RandomStream random(seed, "traffic");
        CallQuota searches(9, minutes(1));
        CallSchedule schedule(searches);
        Instant now{1'000'000'000};
        std::map<Ticket, Wish> open;
        std::map<Ticket, std::pair<Instant, Route>> on_their_way;  // ends at
        std::map<Route, Instant> free_from;
        const auto settle = [&] {
            for (const auto& [ticket, why] : schedule.take_hopeless(now)) {
                ASSERT_EQ(open.erase(ticket), 1U);
                ASSERT_FALSE(why.why.empty());
            }
            while (const auto ticket = schedule.release(now)) {
                const Wish wish = open.at(*ticket);
                ASSERT_EQ(open.erase(*ticket), 1U);
                ASSERT_LT(now, wish.give_up);
                for (const auto& [other, call] : on_their_way)
                    ASSERT_NE(call.second, wish.route);
                ASSERT_GE(now, free_from[wish.route]);
                on_their_way[*ticket] = {now + milliseconds(random.between(5, 9'000)), wish.route};
            }
        };
        for (int i = 0; i < 400; ++i) {
            now = now + milliseconds(random.between(0, 2'000));
            for (auto at = on_their_way.begin(); at != on_their_way.end();) {
                if (at->second.first > now) {
                    ++at;
                    continue;
                }
                const Kind kind = random.chance_per_million(800'000)   ? Kind::kAnswered
                                  : random.chance_per_million(500'000) ? Kind::kTooFrequent
                                                                       : Kind::kFailed;
                schedule.ended(at->first, {kind, milliseconds(random.between(0, 8'000)), {}}, now);
                free_from[at->second.second] = now + interval_of(at->second.second);
                at = on_their_way.erase(at);
            }
            const Wish wish{static_cast<Route>(random.between(0, kRouteCount - 1)),
                            static_cast<Importance>(random.between(0, 6)),
                            std::to_string(random.between(0, 5)),
                            now + milliseconds(random.between(1, 60'000))};
            const auto answer = schedule.ask(wish, now);
            if (const auto* ticket = std::get_if<Ticket>(&answer)) open[*ticket] = wish;
            settle();
            if (HasFatalFailure()) FAIL() << "seed " << seed;
            ASSERT_EQ(open.size(), schedule.waiting());
            ASSERT_EQ(on_their_way.size(), schedule.on_their_way());
            ASSERT_TRUE(open.empty() || on_their_way.size() > 0 ||
                        schedule.next_change(now) != kNever);
        }
    }
}

}  // namespace
}  // namespace herder::vast
