#pragma once
// Budgets: a limit for a team, project, user or job over a window. The worst case of every rental
// is reserved at admission, so that two jobs cannot both spend the last dollar.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/money.h"
#include "base/time.h"
#include "core/jobs/job.h"

namespace herder {

enum class BudgetWindow : int { kTotal = 0, kDay = 1, kWeek = 2, kMonth = 3 };

struct BudgetSpec {
    std::string name;
    std::string team;  // empty: any
    std::string project;
    std::string user;
    std::map<std::string, std::string> labels;
    Usd limit;
    BudgetWindow window = BudgetWindow::kTotal;
    UsdPerHour burn_rate_max{};  // 0: none
    Usd job_cost_max{};          // 0: none
    std::string parent;          // a child never exceeds it; empty: none
    bool operator==(const BudgetSpec&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.name);
        v(2, s.team);
        v(3, s.project);
        v(4, s.user);
        v(5, s.labels);
        v(6, s.limit);
        v(7, s.window);
        v(8, s.burn_rate_max);
        v(9, s.job_cost_max);
        v(10, s.parent);
    }
};

// True if the job's costs count against the budget (scope matches, or the job names it).
bool covers(const BudgetSpec& budget, const JobSpec& job);

// All budgets that the job's costs count against, as indexes into `budgets`: those that cover it
// and their parents, in order, each once.
std::vector<std::size_t> budgets_of(const std::vector<BudgetSpec>& budgets, const JobSpec& job);

// First day (days since 1970) of the window that `now` falls into; 0 for kTotal. Weeks begin on
// Monday, all in UTC.
std::int64_t window_start(BudgetWindow window, WallTime now);

// What a budget has seen so far, gathered by the caller from intents and ledger.
struct BudgetUse {
    Usd spent;
    Usd reserved;  // worst case still to come of the open intents
    UsdPerHour burning{};
    bool operator==(const BudgetUse&) const = default;
};

// The longest that a machine may bill after it was decided to end it: provider outage allowance
// and destroy pacing (architecture: worst time to kill).
constexpr Duration kWorstTimeToKill = minutes(15);

// What is reserved at a time for a job without a max_duration.
constexpr Duration kOpenEnded = hours(1);

// The worst case of one rental: price over the time left (max_duration's rest, or kOpenEnded where
// the job has none) plus the worst time to kill, capped by what max_cost leaves; never negative.
Usd worst_case(UsdPerHour price, const JobSpec& spec, Duration ran, Usd job_spent);

// May `wanted` more be reserved? find_objection says why not, and costs the writing of a sentence.
bool fits(const BudgetSpec& budget, const BudgetUse& use, Usd wanted, UsdPerHour price);

// Why `wanted` more may not be reserved, in one sentence with the figures; nothing if it may.
std::optional<std::string> find_objection(const BudgetSpec& budget, const BudgetUse& use,
                                          Usd wanted, UsdPerHour price);

}  // namespace herder
