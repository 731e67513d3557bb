#pragma once
// Decides which call of one identity (account key) may leave when: the market's minimum interval of
// every route, what its refusals teach, who goes first, and whether a market that fails is asked at
// all. Pure: the time comes in, nothing waits here. call_gate.h is its shell.
//
// The market counts the time between arrivals, which nobody here knows. So a route is busy from a
// call's leaving until its answer, and free again one interval after that: whatever the network
// did, two arrivals are then at least one interval apart.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/providers/vast/breaker.h"
#include "adapters/providers/vast/call_quota.h"
#include "adapters/providers/vast/route.h"

namespace herder::vast {

// Who goes first; smaller is first. Within one, owners take turns.
enum class Importance : int {
    kDestroy = 0,  // ends a bill
    kStop = 1,     // ends a part of one
    kCreate = 2,
    kWatch = 3,   // what is there: listings
    kPlan = 4,    // searches for jobs that wait
    kMoney = 5,   // charges
    kPeople = 6,  // somebody who looks at a terminal
};

// Of a call that does not say: what its route is for.
Importance importance_of(Route route);

struct Wish {
    Route route = Route::kList;
    Importance importance = Importance::kPeople;
    std::string owner;  // a job, a person; whoever was served longest ago is next
    Instant give_up;    // a call that has not left by then never does
};

// No byte of the call left, so nothing can have come of it.
struct NotSent {
    std::string why;
    Duration retry_in;          // sooner is in vain
    bool market_fails = false;  // otherwise only its turn did not come
    bool operator==(const NotSent&) const = default;
};

using Ticket = std::uint64_t;

struct CallEnd {
    enum class Kind { kAnswered, kTooFrequent, kFailed };  // failed: no answer, or a 5xx
    Kind kind = Kind::kAnswered;
    // Of kTooFrequent; 0: not said.
    Duration threshold;    // the route's interval, to be kept from now on
    Duration retry_after;  // only this once
};

// What happened on one route since the start; for people and metrics.
struct RouteCounts {
    std::uint64_t sent = 0;
    std::uint64_t too_frequent = 0;
    std::uint64_t failed = 0;
    std::uint64_t not_sent = 0;
    Duration waited;  // all together
    Duration longest_wait;
    Duration interval;  // in force: documented, or learned if longer
};

class CallSchedule {
  public:
    // `searches` is shared by all identities behind one address and outlives this.
    explicit CallSchedule(CallQuota& searches);

    // Queues the wish, unless it can be told already that it will not leave in time.
    std::variant<Ticket, NotSent> ask(const Wish& wish, Instant now);
    // The next call that leaves now, if any; its answer is to be told with ended().
    std::optional<Ticket> release(Instant now);
    // Those that waited in vain: too late, or the market has failed meanwhile.
    std::vector<std::pair<Ticket, NotSent>> take_hopeless(Instant now);
    // When to look again although nothing has ended; kNever: only then.
    Instant next_change(Instant now) const;

    // A waiting call goes away, or one that left finds that it was too late to send anything.
    void withdraw(Ticket ticket);
    void ended(Ticket ticket, const CallEnd& end, Instant now);

    bool is_broken() const { return breaker_.is_open(); }
    std::size_t waiting() const { return waiting_.size(); }
    std::size_t on_their_way() const { return on_their_way_.size(); }
    const RouteCounts& counts(Route route) const { return counts_[index(route)]; }

  private:
    struct Waiting {
        Wish wish;
        Instant since;
    };
    struct OnItsWay {
        Wish wish;
        bool is_probe = false;
    };
    struct Lane {
        Instant free;
        bool is_busy = false;
        int refusals_in_a_row = 0;
    };

    static std::size_t index(Route route) { return static_cast<std::size_t>(route); }
    Instant due(Route route, Instant now) const;
    bool may_leave(const Wish& wish, Instant now) const;
    bool goes_before(Ticket a, Ticket b) const;
    NotSent refuse(const Wish& wish, const std::string& why, Duration retry_in);
    NotSent broken(const Wish& wish, Instant now);
    void learn(Route route, const CallEnd& end, Instant now);

    CallQuota& searches_;
    Breaker breaker_;
    std::array<Lane, kRouteCount> lanes_;
    std::array<RouteCounts, kRouteCount> counts_;
    std::map<Ticket, Waiting> waiting_;
    std::map<Ticket, OnItsWay> on_their_way_;
    std::map<std::string, std::uint64_t> served_;  // owner -> when it had its last turn
    std::uint64_t turns_ = 0;
    Ticket next_ = 1;
};

}  // namespace herder::vast
