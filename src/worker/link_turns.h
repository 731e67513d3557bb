#pragma once
// The one place where the agent's transfers, on their several threads, learn whose turn it is on
// the machine's link (core/worker/transfer_order.h). Reports, and whatever else is small and asks
// the server something, never ask here. Thread-safe.
#include <functional>
#include <mutex>

#include "core/worker/transfer_order.h"
#include "worker/machine_clock.h"

namespace herder {

class LinkTurns {
  public:
    // `now`: real time, as links live in.
    explicit LinkTurns(std::function<Instant()> now = real_now) : now_(std::move(now)) {}

    // While it lives there are bytes of its class to send.
    class Turn {
      public:
        Turn(LinkTurns& turns, TransferClass what);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

      private:
        LinkTurns& turns_;
        const TransferClass what_;
    };

    // The attempt is being stopped.
    void stop();
    bool is_stopping() const;

    // Asks `nap` for a while, at most a tenth of a second, again and again until a piece of this
    // class may go. True if it had to wait. `nap` returns false to wait no longer.
    bool wait(TransferClass what, const std::function<bool(Duration)>& nap) const;

  private:
    const std::function<Instant()> now_;
    mutable std::mutex mutex_;
    TransferOrder order_;  // guarded by mutex_
};

}  // namespace herder
