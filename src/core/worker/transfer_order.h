#pragma once
// Which of the agent's transfers goes first on the machine's link, and how long the others wait
// between two of their pieces. A piece that is under way is never broken off. Pure: time comes in.
//
//   the attempt goes on:       checkpoints and restores, then outputs, then logs and metrics
//   the attempt is stopped:    checkpoints, then logs and metrics, then outputs
//
// One checkpoint at a time is under way, and the one that is when the stop begins is the first that
// is finished: it needs no class of its own. Logs overtake outputs in a stop because they are small
// and nobody else has them, while the next attempt makes its outputs anew.
#include <array>
#include <cstddef>

#include "base/time.h"

namespace herder {

enum class TransferClass : std::size_t {
    kCheckpoint = 0,  // and whatever a job waits for before it can start
    kOutputs,
    kLogs,  // and metrics
};

class TransferOrder {
  public:
    // Has bytes to send, until as many ended().
    void began(TransferClass what);
    void ended(TransferClass what);
    // The attempt is being stopped, or its machine goes away. For good.
    void stop() { is_stopping_ = true; }
    bool is_stopping() const { return is_stopping_; }

    // How long a piece that was ready at `ready` has to wait still, as things are now. Zero: it may
    // go. Nothing waits for good: what is over the limit goes, whoever else is under way.
    Duration wait_left(TransferClass what, Instant ready, Instant now) const;

  private:
    Duration wait_limit(TransferClass what) const;
    bool is_under_way(TransferClass what) const {
        return under_way_[static_cast<std::size_t>(what)] > 0;
    }

    std::array<int, 3> under_way_{};
    bool is_stopping_ = false;
};

}  // namespace herder
