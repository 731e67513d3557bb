#pragma once
// What every budget has seen so far, kept up to date so that asking costs one pass over the rentals
// that are open, not over all that ever were. Built from the state when it is first asked;
// budget_use() is the plain reading that it must always equal.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/id.h"
#include "base/money.h"
#include "base/time.h"
#include "core/cost_tracker/budget.h"
#include "core/provisioner/intent.h"

namespace herder {

struct State;

class BudgetTally {
  public:
    // Forgets everything: the budgets have changed, or rows were loaded.
    void clear();

    // The use of every budget, in the order of meta.budgets.
    std::vector<BudgetUse> gather(const State& state, Instant now, WallTime wall);

    // The budgets that the job's costs count against, as indexes into meta.budgets.
    const std::vector<std::size_t>& budgets_of_job(const State& state, JobId job);

    // A rental that is over enters what is past, or leaves it because its cost is about to change
    // or because it is open again.
    void add_past(const State& state, const Intent& intent);
    void drop_past(const State& state, const Intent& intent);

    // Nothing of this job is open any more.
    void forget(JobId job);

  private:
    struct Past {
        std::int64_t from = 0;  // first day of the window that it was summed up for
        Usd spent;
    };
    void change_past(const State& state, const Intent& intent, bool adds);
    void renew_past(const State& state, WallTime wall);

    std::vector<std::optional<Past>> past_;  // by budget
    std::map<JobId, std::vector<std::size_t>> of_job_;
};

}  // namespace herder
