#pragma once
// Virtual time: a heap of actions ordered by (moment, tiebreak). Nothing else in the simulation
// knows what time it is; a host's own clock, with drift and jumps, is derived from it.
#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.h"

namespace herder::sim {

class Schedule {
  public:
    using Action = std::function<void()>;

    // With `shuffle` not 0, actions of one moment run in an order drawn from it, else in order of
    // arrival.
    explicit Schedule(std::uint64_t shuffle) : shuffle_(shuffle) {}

    Instant now() const { return now_; }
    // A moment in the past means now.
    void at(Instant when, Action action);
    void after(Duration wait, Action action) { at(now_ + wait, std::move(action)); }

    // Runs the next action, if it is due by `until`; else moves to `until` and returns false.
    bool run_next(Instant until);
    std::uint64_t actions_run() const { return run_; }

  private:
    struct Entry {
        std::int64_t when;
        std::uint64_t tiebreak;
        std::uint32_t slot;
        bool operator<(const Entry& other) const {
            return when != other.when ? when > other.when : tiebreak > other.tiebreak;
        }
    };

    const std::uint64_t shuffle_;
    Instant now_;
    std::uint64_t sequence_ = 0;
    std::uint64_t run_ = 0;
    std::vector<Entry> heap_;
    std::vector<Action> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace herder::sim
