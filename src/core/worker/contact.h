#pragma once
// When the orchestrator was last heard, and what follows from silence: the lease, how long to
// compute detached, the dead-man's limit, and when the next report is due.
#include <cstdint>

#include "base/time.h"
#include "core/jobs/agent_messages.h"

namespace herder {

class Contact {
  public:
    void start(Instant now, std::uint64_t jitter_seed);

    void sent(Instant now, std::uint64_t sequence);
    // False: an answer to an older report than one already answered; its orders are stale, though
    // it still proves contact.
    bool answered(Instant now, std::uint64_t sequence, Instant sent_at, const AgentOrders& orders);
    void failed(Instant now, std::uint64_t sequence);

    // Something to tell (or changed orders): report without waiting.
    void hurry(Instant now);

    bool has_lease(Instant now) const { return now < lease_until_; }
    Instant lease_until() const { return leased_ ? lease_until_ : kNever; }
    // From here on this attempt may compute on another machine: every process must be dead.
    Instant compute_until() const;
    // The machine destroys itself from here on.
    Instant dead_man_at() const { return last_contact_ + dead_man_after_; }
    Duration dead_man_after() const { return dead_man_after_; }
    Instant report_due() const { return report_due_; }

  private:
    std::uint64_t jitter_seed_ = 0;
    std::uint64_t newest_sent_ = 0;
    std::uint64_t newest_answered_ = 0;
    bool leased_ = false;
    Instant lease_until_;
    Instant last_contact_;
    Instant last_sent_;
    Duration detached_for_ = minutes(30);
    Duration dead_man_after_ = minutes(30);
    Duration report_every_ = seconds(10);
    int failures_ = 0;
    Instant report_due_;
};

}  // namespace herder
