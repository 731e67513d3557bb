#pragma once
// Carries out what the core decided, after it was committed. Declared here, implemented by the
// server's shell (threads and HTTP) and by the simulator.
#include "base/time.h"
#include "core/step/output.h"

namespace herder {

class EffectRunner {
  public:
    virtual ~EffectRunner() = default;
    // Called on the engine's thread and must not block: queue the call and return. What came of it
    // is handed to Engine::post. Each effect is released exactly once; if the process dies first,
    // the next leader finds the row that says what was wanted and decides anew.
    virtual void run(const Effect& effect, Instant logical_now) = 0;
};

}  // namespace herder
