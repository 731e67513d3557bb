#pragma once
// What every part of one simulated world shares: time, faults, marks, the trace with its rolling
// hash, and the violations found. No part knows another except through the world's wiring.
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/faults.h"
#include "sim/marks.h"
#include "sim/schedule.h"

namespace herder::sim {

// One line of the trace: a word and up to two numbers, formatted only when somebody reads it.
struct TraceLine {
    Instant at;
    const char* what = "";
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::string text;  // only in runs that print their trace
};
std::string to_text(const TraceLine& line);

struct Violation {
    std::string invariant;  // "15 no-double-compute"
    std::string detail;
    Instant at;
};

// The moment 0 of simulated time on the calendar: 2026-11-02T00:00:00Z.
constexpr WallTime kEpoch{1'793'577'600'000'000};

class Stage {
  public:
    Stage(std::uint64_t seed_number, const std::set<Fault>& off, bool is_tracing)
        : seed(seed_number),
          schedule(is_shuffled(seed_number) ? mix64(seed_number) | 1 : 0),
          faults(seed_number, off),
          tracing(is_tracing) {}

    Instant now() const { return schedule.now(); }
    WallTime true_wall() const { return kEpoch + (now() - Instant{}); }

    // Goes into the rolling hash and the tail of the trace.
    void note(const char* what, std::uint64_t a = 0, std::uint64_t b = 0,
              const std::string& text = {});
    // Into the hash alone: for what happens too often to be read.
    void mix(const char* what, std::uint64_t a = 0, std::uint64_t b = 0);
    void violate(const char* invariant, std::string detail);

    const std::uint64_t seed;
    Schedule schedule;
    FaultPlan faults;
    Marks marks;
    const bool tracing;
    std::uint64_t hash = 0;
    std::deque<TraceLine> tail;  // the newest lines
    std::vector<Violation> violations;
    std::string judged_by;  // only violations of this invariant count; empty: all

  private:
    static bool is_shuffled(std::uint64_t seed_number) { return mix64(seed_number) % 2 == 0; }
};

}  // namespace herder::sim
