#pragma once
// budgets.yaml: what teams, projects and users may spend. Reads and checks; enforcing is
// core/cost_tracker's business.
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "core/cost_tracker/budget.h"

namespace herder::config {

// Reports into `out`, which was made of the same file; what was readable is returned.
std::vector<BudgetSpec> parse_budgets(const std::string& text, Diagnostics& out);

const char* to_string(BudgetWindow window);

}  // namespace herder::config
