#pragma once
// Real seconds of this computer, for the figure "simulated hours per second" alone. No simulated
// thing may look at it.
#include <cstdint>

namespace herder::sim {

class Stopwatch {
  public:
    Stopwatch();
    double seconds() const;
    double cpu_seconds() const;  // that all threads of this process have used

  private:
    std::int64_t began_ns_;
    std::int64_t began_cpu_ns_;
};

}  // namespace herder::sim
