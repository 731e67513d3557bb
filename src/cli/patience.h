#pragma once
// Waiting for a server to have news, without hurry and until the user presses Ctrl-C. Made before
// the first wait; while it lives Ctrl-C (SIGINT) is kept for it instead of ending the process.
#include <csignal>

#include "base/time.h"

namespace herder::cli {

class Patience {
  public:
    Patience();
    ~Patience();
    Patience(const Patience&) = delete;
    Patience& operator=(const Patience&) = delete;

    // Waits longer each time, at most `longest`; `had_news` starts over. False on Ctrl-C.
    bool wait(bool had_news, Duration longest = milliseconds(400));
    // Waits exactly so long. False on Ctrl-C.
    bool pause(Duration time);

  private:
    sigset_t interrupt_{};
    sigset_t before_{};
    Duration next_ = milliseconds(10);
};

}  // namespace herder::cli
