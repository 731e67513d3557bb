// Our schedule of calls against the market's own limiter, call by call in virtual time. The two
// share no code. Every call takes a random time to arrive and to come back, so that the market sees
// other intervals than we send with; strict: a refused call restarts its interval.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "adapters/providers/vast/call_schedule.h"
#include "base/random.h"
#include "vastsim/rate_limit.h"

namespace herder {
namespace {

using vast::CallEnd;
using vast::Importance;
using vast::Route;

struct Load {
    Route route;
    Importance importance;
    const char* market_route;
    Duration every;  // on average, over all machines
};

// What 200 machines need, and more: a listing of eight pages every ten seconds, rentals and
// destroys without a pause, everything that people ask for on top.
const Load kLoads[] = {
    {Route::kList, Importance::kWatch, "GET /api/v1/instances/", milliseconds(1'200)},
    {Route::kCreate, Importance::kCreate, "PUT /api/v0/asks/{id}/", seconds(4)},
    {Route::kDestroy, Importance::kDestroy, "DELETE /api/v0/instances/{id}/", seconds(3)},
    {Route::kDestroyMany, Importance::kDestroy, "DELETE /api/v0/instances/", seconds(20)},
    {Route::kManage, Importance::kStop, "PUT /api/v0/instances/{id}/", seconds(2)},
    {Route::kManageMany, Importance::kStop, "PUT /api/v0/instances/", seconds(5)},
    {Route::kShow, Importance::kWatch, "GET /api/v0/instances/{id}/", seconds(3)},
    {Route::kChangeBid, Importance::kPlan, "PUT /api/v0/instances/bid_price/{id}/", seconds(9)},
    {Route::kSearch, Importance::kPlan, "POST /api/v0/bundles/", seconds(5)},
    {Route::kSearch, Importance::kPeople, "POST /api/v0/bundles/", seconds(5)},
    {Route::kCharges, Importance::kMoney, "GET /api/v0/charges/", seconds(2)},
    {Route::kInvoices, Importance::kMoney, "GET /api/v1/invoices/", seconds(10)},
};

// One contest of the two.
class Contest {
  public:
    Contest(std::uint64_t seed, vastsim::RateRules rules)
        : random_(seed, "traffic"), limiter_(rules) {}

    void go(Duration length) {
        for (const Load& load : kLoads)
            plan_next(load);
        const Instant end = now_ + length;
        while (!events_.empty() && events_.begin()->first < end) {
            auto event = events_.extract(events_.begin());
            now_ = event.key();
            event.mapped()();
            settle();
        }
    }

    std::uint64_t refused = 0;
    std::uint64_t let_in = 0;
    std::map<const char*, std::uint64_t> by_route;
    std::uint64_t not_sent = 0;
    // Whom the market refuses although it kept everything: 1 of so many calls; 0: nobody.
    std::int64_t refuse_one_of = 0;

  private:
    void after(Duration d, std::function<void()> what) {
        events_.emplace(now_ + d, std::move(what));
    }
    void plan_next(const Load& load) {
        after(microseconds(static_cast<std::int64_t>(
                  random_.exponential(static_cast<double>(load.every.us)))),
              [this, &load] {
                  ask(load);
                  plan_next(load);
              });
    }
    void ask(const Load& load) {
        const Duration patience = milliseconds(random_.between(1'000, 60'000));
        const auto owner = std::to_string(random_.between(1, 50));
        const auto answer =
            schedule_.ask({load.route, load.importance, owner, now_ + patience}, now_);
        if (const auto* ticket = std::get_if<vast::Ticket>(&answer))
            waiting_[*ticket] = &load;
        else
            ++not_sent;
    }
    // Most calls are quick, some take many seconds in either direction.
    Duration latency() {
        const bool is_slow = random_.chance_per_million(50'000);
        return milliseconds(is_slow ? random_.between(500, 15'000) : random_.between(2, 400));
    }
    void settle() {
        for (const auto& [ticket, why] : schedule_.take_hopeless(now_)) {
            waiting_.erase(ticket);
            ++not_sent;
        }
        while (const auto ticket = schedule_.release(now_)) {
            const Load* load = waiting_.extract(*ticket).mapped();
            after(latency(), [this, load, t = *ticket] { arrive(*load, t); });
        }
        const Instant next = schedule_.next_change(now_);
        if (next == kNever || (wake_ > now_ && wake_ <= next)) return;
        wake_ = next;
        events_.emplace(next, [] {});
    }
    void arrive(const Load& load, vast::Ticket ticket) {
        const WallTime there{now_.us};
        auto reply =
            limiter_.check({.route = load.market_route, .identity = "k", .ip = "1"}, there);
        CallEnd end;
        if (reply) {
            ++refused;
        } else if (refuse_one_of > 0 && random_.between(1, refuse_one_of) == 1) {
            end = {CallEnd::Kind::kTooFrequent, {}, {}};
        } else {
            ++let_in;
            ++by_route[load.market_route];
        }
        if (reply) end = {CallEnd::Kind::kTooFrequent, seconds(1), {}};
        after(latency(), [this, ticket, end] { schedule_.ended(ticket, end, now_); });
    }

    RandomStream random_;
    vastsim::RateLimiter limiter_;
    vast::CallQuota searches_{9, minutes(1)};
    vast::CallSchedule schedule_{searches_};
    Instant now_{1'000'000'000};
    Instant wake_;  // the newest planned look at the schedule
    std::multimap<Instant, std::function<void()>> events_;
    std::map<vast::Ticket, const Load*> waiting_;
};

constexpr vastsim::RateRules kStrict{
    .refused_calls_restart = true, .per_id = false, .create_penalty = seconds(12)};

TEST(VastTraffic, NoCallOfOursIsRefusedForFrequencyByTheStrictestMarket) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        Contest run(seed, kStrict);
        run.go(hours(1));
        ASSERT_EQ(run.refused, 0U) << "seed " << seed;
        ASSERT_GT(run.let_in, 3'000U) << "seed " << seed;
    }
}

TEST(VastTraffic, RefusalsThatTheMarketInventsAreNotAnsweredWithMore) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        Contest run(seed, kStrict);
        run.refuse_one_of = 20;
        run.go(hours(1));
        ASSERT_EQ(run.refused, 0U) << "seed " << seed;
    }
}

// The price of politeness is bounded: what stops money gets most of what the market would allow.
TEST(VastTraffic, WhatStopsMoneyIsNotStarved) {
    Contest run(7, kStrict);
    run.go(hours(1));
    // At most one destroy in three seconds and the way there and back; they come one in three.
    EXPECT_GT(run.by_route["DELETE /api/v0/instances/{id}/"], 600U);
    EXPECT_GT(run.by_route["PUT /api/v0/asks/{id}/"], 400U);
    EXPECT_GT(run.by_route["POST /api/v0/bundles/"], 400U);
}

}  // namespace
}  // namespace herder
