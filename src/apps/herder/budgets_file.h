#pragma once
// budgets.yaml at the start of a server: what is in the file comes into force, once for each
// change of it. What `herder budget set` or the API has set since stays until the file changes.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/cost_tracker/budget.h"

namespace herder {

struct BudgetsFile {
    std::optional<std::vector<BudgetSpec>> changed;  // to be set; none where nothing is new
    std::string hash;
    std::string words;  // a line for the user; empty where there is no file
};

// `file`: as given with --budgets; empty: the nearest of the usual places.
Result<BudgetsFile> read_budgets_file(const std::string& data_dir, const std::string& file);
// To be called once they are in force: a crash before only sets the same budgets again.
Status note_budgets_applied(const std::string& data_dir, const BudgetsFile& file);

}  // namespace herder
