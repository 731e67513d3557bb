#pragma once
// The real Vast.ai client's judgement of answers, for the simulated world.
#include "sim/client_reading.h"

namespace herder::sim {

ClientReading make_vast_reading();

}  // namespace herder::sim
