#include "core/cost_tracker/budget.h"

#include <algorithm>
#include <set>

namespace herder {

namespace {

bool matches(const std::string& wanted, const std::string& actual) {
    return wanted.empty() || wanted == actual;
}

const char* words_for(BudgetWindow window) {
    switch (window) {
        case BudgetWindow::kTotal:
            return "in total";
        case BudgetWindow::kDay:
            return "today";
        case BudgetWindow::kWeek:
            return "this week";
        case BudgetWindow::kMonth:
            return "this month";
    }
    return "in total";
}

std::int64_t floor_mod(std::int64_t value, std::int64_t divisor) {
    return ((value % divisor) + divisor) % divisor;
}

// Day of the month, 0-based, of a day since 1970: the proleptic Gregorian calendar by Howard
// Hinnant's days_from_civil algorithm (http://howardhinnant.github.io/date_algorithms.html).
std::int64_t day_of_month(std::int64_t day) {
    const std::int64_t day_of_era = floor_mod(day + 719'468, 146'097);
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
    return day_of_year - (153 * month_from_march + 2) / 5;
}

}  // namespace

bool covers(const BudgetSpec& budget, const JobSpec& job) {
    if (!job.budget.empty() && job.budget == budget.name) return true;
    if (!matches(budget.team, job.team) || !matches(budget.project, job.project) ||
        !matches(budget.user, job.user)) {
        return false;
    }
    return std::all_of(budget.labels.begin(), budget.labels.end(), [&](const auto& label) {
        const auto at = job.labels.find(label.first);
        return at != job.labels.end() && at->second == label.second;
    });
}

std::vector<std::size_t> budgets_of(const std::vector<BudgetSpec>& budgets, const JobSpec& job) {
    std::set<std::string> names;
    for (const BudgetSpec& budget : budgets) {
        if (covers(budget, job)) names.insert(budget.name);
    }
    // Parents of parents; a ring of parents ends because a name is taken in once.
    for (bool grown = true; grown;) {
        grown = false;
        for (const BudgetSpec& budget : budgets) {
            if (budget.parent.empty() || !names.contains(budget.name)) continue;
            grown = names.insert(budget.parent).second || grown;
        }
    }
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < budgets.size(); ++i) {
        if (names.contains(budgets[i].name)) found.push_back(i);
    }
    return found;
}

std::int64_t window_start(BudgetWindow window, WallTime now) {
    const std::int64_t today = now.day();
    switch (window) {
        case BudgetWindow::kTotal:
            return 0;
        case BudgetWindow::kDay:
            return today;
        case BudgetWindow::kWeek:
            return today - floor_mod(today + 3, 7);  // 1970-01-01 was a Thursday
        case BudgetWindow::kMonth:
            return today - day_of_month(today);
    }
    return 0;
}

Usd worst_case(UsdPerHour price, const JobSpec& spec, Duration ran, Usd job_spent) {
    Duration left = kOpenEnded;
    if (spec.limits.max_duration > Duration{}) {
        left = std::max(spec.limits.max_duration - ran, Duration{});
    }
    Usd worst = price * (left + kWorstTimeToKill);
    if (spec.limits.max_cost > Usd{}) {
        worst = std::min(worst, spec.limits.max_cost - job_spent);
    }
    return std::max(worst, Usd{});
}

bool fits(const BudgetSpec& budget, const BudgetUse& use, Usd wanted, UsdPerHour price) {
    const bool is_too_dear = budget.job_cost_max > Usd{} && wanted > budget.job_cost_max;
    const bool is_spent = use.spent + use.reserved + wanted > budget.limit;
    const bool burns =
        budget.burn_rate_max > UsdPerHour{} && use.burning + price > budget.burn_rate_max;
    return !is_too_dear && !is_spent && !burns;
}

std::optional<std::string> find_objection(const BudgetSpec& budget, const BudgetUse& use,
                                          Usd wanted, UsdPerHour price) {
    if (fits(budget, use, wanted, price)) return std::nullopt;
    const std::string name = "budget '" + budget.name + "'";
    const std::string need = "job needs up to " + to_text(wanted) + "; ";
    if (budget.job_cost_max > Usd{} && wanted > budget.job_cost_max) {
        return need + name + " allows at most " + to_text(budget.job_cost_max) + " for one job";
    }
    if (use.spent + use.reserved + wanted > budget.limit) {
        const Usd left = std::max(budget.limit - use.spent - use.reserved, Usd{});
        std::string text = need + name + " has " + to_text(left) + " left of " +
                           to_text(budget.limit) + " " + words_for(budget.window);
        if (use.reserved > Usd{}) {
            text += " (" + to_text(use.reserved) + " is reserved for jobs that are running)";
        }
        return text;
    }
    if (budget.burn_rate_max > UsdPerHour{} && use.burning + price > budget.burn_rate_max) {
        return "job would burn " + to_text(price) + " on top of " + to_text(use.burning) + "; " +
               name + " allows at most " + to_text(budget.burn_rate_max) + " at a time";
    }
    return std::nullopt;
}

}  // namespace herder
