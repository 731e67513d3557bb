#pragma once
// Keeps what is sent below a number of bytes a second. Pure: time comes in.
#include "base/bytes.h"
#include "base/time.h"

namespace herder {

class RatePacer {
  public:
    // Zero: no limit.
    explicit RatePacer(Bytes per_second) : per_second_(per_second) {}

    // How long `size` more bytes have to wait. They are counted as sent.
    Duration admit(Bytes size, Instant now);

  private:
    Bytes per_second_;
    Instant free_from_;
};

}  // namespace herder
