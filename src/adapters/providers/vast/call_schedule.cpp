#include "adapters/providers/vast/call_schedule.h"

#include <algorithm>

#include "base/assert.h"

namespace herder::vast {

namespace {

// Whoever waits holds a thread: more than this is a fault of ours, not of the market.
constexpr std::size_t kWaitingMax = 64;
// Connections to the market at a time; the last one is kept for calls that stop money.
constexpr std::size_t kOnTheirWayMax = 4;
// The lock-out that the create route's description calls "penalty" (Vast.ai documentation, snapshot
// of 2026-08-07).
constexpr Duration kCreatePenalty = seconds(12);
constexpr Duration kSearchPause = seconds(6);
constexpr Duration kPauseMax = minutes(2);
// An interval that the market names is believed up to here.
constexpr Duration kIntervalMax = minutes(1);
constexpr int kDoublingsMax = 5;
constexpr std::size_t kOwnersMax = 1000;

bool stops_money(Importance importance) {
    return importance == Importance::kDestroy || importance == Importance::kStop;
}

ProbeRight right_of(const Wish& wish) {
    if (wish.importance == Importance::kCreate) return ProbeRight::kNever;
    return stops_money(wish.importance) ? ProbeRight::kStopMoney : ProbeRight::kWhenDue;
}

}  // namespace

Importance importance_of(Route route) {
    constexpr std::pair<Route, Importance> kKnown[] = {
        {Route::kDestroy, Importance::kDestroy}, {Route::kDestroyMany, Importance::kDestroy},
        {Route::kManage, Importance::kStop},     {Route::kManageMany, Importance::kStop},
        {Route::kCreate, Importance::kCreate},   {Route::kShow, Importance::kWatch},
        {Route::kList, Importance::kWatch},      {Route::kListOld, Importance::kWatch},
        {Route::kSearch, Importance::kPlan},     {Route::kChangeBid, Importance::kPlan},
        {Route::kCharges, Importance::kMoney},   {Route::kInvoices, Importance::kMoney}};
    for (const auto& [known, importance] : kKnown) {
        if (known == route) return importance;
    }
    return Importance::kPeople;
}

CallSchedule::CallSchedule(CallQuota& searches) : searches_(searches) {
    for (std::size_t i = 0; i < kRouteCount; ++i)
        counts_[i].interval = interval_of(static_cast<Route>(i));
}

Instant CallSchedule::due(Route route, Instant now) const {
    const Lane& lane = lanes_[index(route)];
    if (lane.is_busy) return kNever;
    const Instant due = std::max(now, lane.free);
    return route == Route::kSearch ? std::max(due, searches_.free_at(now)) : due;
}

bool CallSchedule::may_leave(const Wish& wish, Instant now) const {
    const std::size_t reserved = stops_money(wish.importance) ? 0 : 1;
    return now < wish.give_up && on_their_way_.size() + reserved < kOnTheirWayMax &&
           due(wish.route, now) <= now &&
           breaker_.way(right_of(wish), now) != Breaker::Way::kRefused;
}

NotSent CallSchedule::refuse(const Wish& wish, const std::string& why, Duration retry_in) {
    ++counts_[index(wish.route)].not_sent;
    return {"not sent: " + why, retry_in};
}

NotSent CallSchedule::broken(const Wish& wish, Instant now) {
    const Duration pause = breaker_.pause(right_of(wish), now);
    NotSent refused =
        refuse(wish, "the market does not answer; it is asked again in " + to_text(pause), pause);
    refused.market_fails = true;
    return refused;
}

std::variant<Ticket, NotSent> CallSchedule::ask(const Wish& wish, Instant now) {
    if (breaker_.way(right_of(wish), now) == Breaker::Way::kRefused) return broken(wish, now);
    if (waiting_.size() >= kWaitingMax) {
        return refuse(wish, "too many calls wait already", seconds(5));
    }
    // What is free only when another call has ended cannot be told; everything else can.
    const Instant first = due(wish.route, now);
    if (first != kNever && first >= wish.give_up) {
        return refuse(wish,
                      "the market allows the next call (" + std::string(to_string(wish.route)) +
                          ") in " + to_text(first - now),
                      first - now);
    }
    const Ticket ticket = next_++;
    waiting_.emplace(ticket, Waiting{wish, now});
    return ticket;
}

bool CallSchedule::goes_before(Ticket a, Ticket b) const {
    const auto key = [this](Ticket ticket) {
        const Wish& wish = waiting_.at(ticket).wish;
        const auto served = served_.find(wish.owner);
        const std::uint64_t turn = served == served_.end() ? 0 : served->second;
        return std::tuple(wish.importance, turn, ticket);
    };
    return key(a) < key(b);
}

std::optional<Ticket> CallSchedule::release(Instant now) {
    std::optional<Ticket> best;
    for (const auto& [ticket, waiting] : waiting_) {
        if (!may_leave(waiting.wish, now)) continue;
        if (!best || goes_before(ticket, *best)) best = ticket;
    }
    if (!best) return std::nullopt;
    auto node = waiting_.extract(*best);
    const Wish& wish = node.mapped().wish;
    const bool is_probe = breaker_.way(right_of(wish), now) == Breaker::Way::kProbe;
    if (is_probe) breaker_.probe_began();
    lanes_[index(wish.route)].is_busy = true;
    if (wish.route == Route::kSearch) searches_.began();
    RouteCounts& counts = counts_[index(wish.route)];
    const Duration waited = now - node.mapped().since;
    counts.waited += waited;
    counts.longest_wait = std::max(counts.longest_wait, waited);
    if (served_.size() >= kOwnersMax && !served_.contains(wish.owner)) served_.clear();
    served_[wish.owner] = ++turns_;
    on_their_way_.emplace(*best, OnItsWay{wish, is_probe});
    return best;
}

std::vector<std::pair<Ticket, NotSent>> CallSchedule::take_hopeless(Instant now) {
    std::vector<std::pair<Ticket, NotSent>> hopeless;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const Wish& wish = at->second.wish;
        const bool is_late = now >= wish.give_up;
        if (is_late) {
            const Instant next = due(wish.route, now);
            const Duration wait = next == kNever ? counts_[index(wish.route)].interval : next - now;
            hopeless.emplace_back(at->first, refuse(wish, "its turn did not come in time", wait));
        } else if (breaker_.way(right_of(wish), now) == Breaker::Way::kRefused) {
            hopeless.emplace_back(at->first, broken(wish, now));
        } else {
            ++at;
            continue;
        }
        at = waiting_.erase(at);
    }
    return hopeless;
}

Instant CallSchedule::next_change(Instant now) const {
    Instant next = kNever;
    for (const auto& [ticket, waiting] : waiting_) {
        const Instant first = due(waiting.wish.route, now);
        // What is due and yet waits does so for an end, which is told.
        if (first > now) next = std::min(next, first);
        next = std::min(next, waiting.wish.give_up);
    }
    return next;
}

void CallSchedule::withdraw(Ticket ticket) {
    if (waiting_.erase(ticket) > 0) return;
    const auto node = on_their_way_.extract(ticket);
    HERDER_ASSERT(!node.empty());
    const OnItsWay& call = node.mapped();
    lanes_[index(call.wish.route)].is_busy = false;
    if (call.wish.route == Route::kSearch) searches_.dropped();
    if (call.is_probe) breaker_.probe_dropped();
    ++counts_[index(call.wish.route)].not_sent;
}

void CallSchedule::learn(Route route, const CallEnd& end, Instant now) {
    Lane& lane = lanes_[index(route)];
    RouteCounts& counts = counts_[index(route)];
    if (end.kind != CallEnd::Kind::kTooFrequent) {
        lane.refusals_in_a_row = 0;
        lane.free = std::max(lane.free, now + counts.interval);
        return;
    }
    // A search's threshold is no interval: what is limited is their number.
    if (route != Route::kSearch) {
        counts.interval = std::max(counts.interval, std::min(end.threshold, kIntervalMax));
    }
    Duration pause = std::max({counts.interval, end.threshold, end.retry_after, seconds(1)});
    if (route == Route::kCreate) pause = std::max(pause, kCreatePenalty);
    if (route == Route::kSearch) pause = std::max(pause, kSearchPause);
    // Refused again although the wait was kept: somebody else calls with this key.
    pause = pause * (std::int64_t{1} << std::min(lane.refusals_in_a_row, kDoublingsMax));
    ++lane.refusals_in_a_row;
    lane.free = std::max(lane.free, now + std::min(pause, kPauseMax));
}

void CallSchedule::ended(Ticket ticket, const CallEnd& end, Instant now) {
    const auto node = on_their_way_.extract(ticket);
    HERDER_ASSERT(!node.empty());
    const OnItsWay& call = node.mapped();
    lanes_[index(call.wish.route)].is_busy = false;
    if (call.wish.route == Route::kSearch) searches_.ended(now);
    RouteCounts& counts = counts_[index(call.wish.route)];
    ++counts.sent;
    if (end.kind == CallEnd::Kind::kTooFrequent) ++counts.too_frequent;
    if (end.kind == CallEnd::Kind::kFailed) ++counts.failed;
    learn(call.wish.route, end, now);
    breaker_.ended(call.is_probe, end.kind != CallEnd::Kind::kFailed, now);
}

}  // namespace herder::vast
