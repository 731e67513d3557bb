#pragma once
// Whether calls to a market that fails are worth making. Opens after several failures, lets single
// probes through, closes with the first answer. Pure: the time comes in. What counts as a failure
// is the caller's business; a refusal is an answer.
#include <deque>
#include <utility>

#include "base/time.h"

namespace herder::vast {

// What a call may do while the market fails.
enum class ProbeRight {
    kNever,      // a create: without an answer it would leave a doubt that costs money
    kWhenDue,    // reads: one at a time once the pause is over
    kStopMoney,  // destroy and stop: one at a time, also within the pause
};

class Breaker {
  public:
    enum class Way { kFree, kProbe, kRefused };

    bool is_open() const { return is_open_; }
    // How a call may leave now.
    Way way(ProbeRight right, Instant now) const;
    // How long a call that is refused now should wait before it is worth asking again.
    Duration pause(ProbeRight right, Instant now) const;

    void probe_began() { is_probing_ = true; }
    // Nothing of the probe was sent.
    void probe_dropped() { is_probing_ = false; }
    void ended(bool was_probe, bool is_good, Instant now);

  private:
    bool fails_too_often(Instant now);

    bool is_open_ = false;
    bool is_probing_ = false;
    int failures_in_a_row_ = 0;
    std::deque<std::pair<Instant, bool>> recent_;  // ends of calls within the window, and if good
    Instant due_;                                  // the next probe of kWhenDue
    Instant stop_due_;                             // the next probe of kStopMoney
    Duration pause_;
};

}  // namespace herder::vast
