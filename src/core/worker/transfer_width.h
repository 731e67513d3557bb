#pragma once
// How many parts of a transfer go at once. Climbs while that makes it faster, takes the last step
// back when it did not, halves when the store says that it is too much. Pure.
#include <algorithm>

#include "base/bytes.h"
#include "base/time.h"

namespace herder {

class TransferWidth {
  public:
    static constexpr int kStart = 8;
    // `limit`: never more than this.
    explicit TransferWidth(int limit) : limit_(limit), width_(std::min(kStart, limit)) {}

    int width() const { return width_; }
    void begin(Instant now);
    // One more part has arrived.
    void arrived(Bytes size, Instant now);
    // The store is overloaded. Complaints of one second count once.
    void pushed_back(Instant now);

  private:
    void measure_from(Instant now);
    void climb(double rate);

    const int limit_;
    int width_;
    int before_ = 0;        // the last step up began here; 0: none is on trial
    double best_rate_ = 0;  // at the width that is held, bytes a second
    int rest_ = 0;          // rounds until the next trial
    Instant calm_from_;
    Instant round_began_;
    Bytes round_bytes_;
    int round_parts_ = 0;
};

}  // namespace herder
