#pragma once
// A host's own view of time: its monotonic clock runs a little fast or slow, its wall clock may
// have been set wrong.
#include "ports/clock.h"
#include "sim/stage.h"

namespace herder::sim {

class HostClock : public Clock {
  public:
    HostClock(const Stage& stage, std::int64_t drift_ppm) : stage_(stage), drift_ppm_(drift_ppm) {}

    Instant monotonic() const override { return at(stage_.now()); }
    WallTime wall() const override { return stage_.true_wall() + wall_offset; }

    Instant at(Instant true_time) const {
        return {scale(true_time.us, 1'000'000 + drift_ppm_, 1'000'000)};
    }
    // A true moment at which `monotonic` shows at least `local`, at most some microseconds late.
    Instant to_true(Instant local) const {
        if (local >= kNever) return kNever;
        return {scale(local.us, 1'000'000, 1'000'000 + drift_ppm_) + 2};
    }

    Duration wall_offset;

  private:
    static std::int64_t scale(std::int64_t us, std::int64_t by, std::int64_t divisor) {
        return static_cast<std::int64_t>(static_cast<__int128_t>(us) * by / divisor);
    }

    const Stage& stage_;
    const std::int64_t drift_ppm_;
};

}  // namespace herder::sim
