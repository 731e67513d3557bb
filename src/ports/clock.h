#pragma once
// The only way to learn the time. `monotonic` counts while suspended and never jumps; `wall` is for
// people. A scale above 1 lets end-to-end tests run hours in minutes with constants unchanged.
#include <string>

#include "base/time.h"

namespace herder {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant monotonic() const = 0;
    virtual WallTime wall() const = 0;
    // Names the boot since which `monotonic` counts: two processes that read the same name share
    // that clock. Empty: unknown, so nothing of another process can be compared with ours.
    virtual std::string boot_id() const { return {}; }
};

}  // namespace herder
