#pragma once
// What a budget has seen so far, read from all rentals that count against it: for views, and to
// check the tally that the core decides with.
#include "core/cost_tracker/budget.h"
#include "core/step/state.h"

namespace herder {

BudgetUse budget_use(const State& state, const BudgetSpec& budget, Instant now, WallTime wall);

}  // namespace herder
