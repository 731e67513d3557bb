#pragma once
// The one way to the market for every call of one identity: threads wait here for their turn. A
// thin shell around CallSchedule with the mutex, the clock and the log.
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <tl/expected.hpp>

#include "adapters/providers/vast/call_schedule.h"
#include "ports/clock.h"

namespace herder::vast {

// Suspends the calling thread for at most this much of the clock's time, or until the variable is
// notified; may return sooner. The lock is held on entry and on return.
using Wait = std::function<void(std::unique_lock<std::mutex>&, std::condition_variable&, Duration)>;

class Traffic;

class CallGate {
  public:
    // A call on its way; without an end it counts as failed.
    class Permit {
      public:
        Permit(CallGate& gate, Ticket ticket) : gate_(&gate), ticket_(ticket) {}
        Permit(Permit&& other) noexcept
            : gate_(std::exchange(other.gate_, nullptr)), ticket_(other.ticket_) {}
        Permit& operator=(Permit&&) = delete;
        ~Permit() {
            if (gate_ != nullptr) ended({CallEnd::Kind::kFailed, {}, {}});
        }
        void ended(const CallEnd& end) { std::exchange(gate_, nullptr)->end(ticket_, end); }
        // No byte was sent.
        void drop() { std::exchange(gate_, nullptr)->drop(ticket_); }

      private:
        CallGate* gate_;
        Ticket ticket_;
    };

    CallGate(Traffic& traffic, std::string name);
    CallGate(const CallGate&) = delete;
    CallGate& operator=(const CallGate&) = delete;

    // Blocks until the call may leave, or says that it does not. Any thread.
    tl::expected<Permit, NotSent> enter(const Wish& wish);

    // The clock that Wish::give_up is of.
    Instant now() const;

    struct View {
        bool is_broken = false;
        std::size_t waiting = 0;
        std::array<RouteCounts, kRouteCount> routes;
    };
    View view() const;

  private:
    friend class Permit;
    void settle(Instant now);
    void end(Ticket ticket, const CallEnd& end);
    void drop(Ticket ticket);

    Traffic& traffic_;
    const std::string name_;
    // Guarded by the traffic's mutex, like all below.
    CallSchedule schedule_;
    // Who waits: nothing yet, may leave, or does not.
    std::map<Ticket, std::variant<std::monostate, Ticket, NotSent>> answers_;
};

// All identities whose calls leave from this process. Two clients with the same key share a gate,
// and all share the market's limit by address.
class Traffic {
  public:
    // `clock` outlives this.
    Traffic(const Clock& clock, Wait wait);

    // The gate of the identity that `key` stands for; lives as long as this.
    CallGate& gate_of(std::string_view key);
    // Waits for something else than a turn, in the same time; sooner when it is stopped.
    void pause(Duration duration);
    // Whoever waits, now or later, is told that its call was not sent.
    void stop();

  private:
    friend class CallGate;
    const Clock& clock_;
    const Wait wait_;
    std::mutex mutex_;  // guards all below and what the gates decide
    std::condition_variable changed_;
    bool stopping_ = false;
    CallQuota searches_;
    std::map<std::string, std::unique_ptr<CallGate>> gates_;  // by a hash of the key
};

}  // namespace herder::vast
