#pragma once
// Draws the machines of the market and slices them into asks. Prices start at the observed points
// of vast-api Appendix B. Same seed, same catalogue.
#include <vector>

#include "base/random.h"
#include "vastsim/scenario.h"
#include "vastsim/world.h"

namespace herder::vastsim {

std::vector<Machine> make_machines(const Scenario& scenario, RandomStream random, WallTime now);

// GPU counts in powers of two from the machine's smallest slice up to all of its GPUs, over
// concrete GPUs, so that slices of different size overlap (vast-api 3.2).
std::vector<Ask> make_asks(const Machine& machine, ContractNumber& next_number);

}  // namespace herder::vastsim
