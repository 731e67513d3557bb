#pragma once
// A clock for this folder's tests that moves only when told to. Not for production code.
#include "ports/clock.h"

namespace herder::vast {

class VirtualClock : public Clock {
  public:
    Instant monotonic() const override { return now_; }
    WallTime wall() const override {
        return WallTime{1'795'435'200LL * 1'000'000} + (now_ - start());
    }
    void advance(Duration d) { now_ = now_ + d; }
    Instant start() const { return Instant{1'000'000'000}; }

  private:
    Instant now_{1'000'000'000};
};

}  // namespace herder::vast
