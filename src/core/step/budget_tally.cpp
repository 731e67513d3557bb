#include "core/step/budget_tally.h"

#include <algorithm>

#include "core/step/budget_use.h"
#include "core/step/steps.h"

namespace herder {

namespace {

// What an intent cost within a window that began on day `from` (0: always). Charges are exact by
// day; the unbilled part of our own accrual counts in the window in which the rental began.
Usd cost_since(const State& state, const Intent& intent, std::int64_t from, Instant now) {
    const Usd whole = cost_of(state, intent, now);
    if (from == 0 || intent.planned_wall.day() >= from) return whole;
    Usd before{};
    const auto& charges = state.ledger.charges();
    for (auto it = charges.lower_bound({intent.contract, 0, ChargeKind::kGpu});
         it != charges.end() && it->first.contract == intent.contract && it->first.day < from;
         ++it) {
        before += it->second.amount;
    }
    return whole - std::min(before, whole);
}

void add_use(const State& state, const Intent& intent, std::int64_t from, Instant now,
             BudgetUse& use) {
    use.spent += cost_since(state, intent, from, now);
    use.reserved += std::max(Usd{}, intent.reserved - cost_of(state, intent, now));
    if (may_exist(intent.phase)) use.burning = use.burning + intent.gpu_rate + intent.disk_rate;
}

// The cost of a rental that is over does not grow with time, and only what had a machine has one.
Usd past_cost(const State& state, const Intent& intent, std::int64_t from) {
    if (!std::holds_alternative<rent::Settled>(intent.phase)) return {};
    return cost_since(state, intent, from, Instant{});
}

}  // namespace

BudgetUse budget_use(const State& state, const BudgetSpec& budget, Instant now, WallTime wall) {
    BudgetUse use;
    const std::int64_t from = window_start(budget.window, wall);
    for (const auto& [job, intents] : state.intents_of) {
        const std::vector<std::size_t> budgets =
            budgets_of(state.meta.budgets, state.jobs.at(job).spec);
        const bool counts = std::any_of(budgets.begin(), budgets.end(), [&](std::size_t i) {
            return state.meta.budgets[i].name == budget.name;
        });
        if (!counts) continue;
        for (const IntentId id : intents)
            add_use(state, state.intents.at(id), from, now, use);
    }
    return use;
}

void BudgetTally::clear() {
    past_.clear();
    of_job_.clear();
}

const std::vector<std::size_t>& BudgetTally::budgets_of_job(const State& state, JobId job) {
    const auto [slot, is_new] = of_job_.try_emplace(job);
    if (is_new) slot->second = budgets_of(state.meta.budgets, state.jobs.at(job).spec);
    return slot->second;
}

void BudgetTally::forget(JobId job) {
    of_job_.erase(job);
}

void BudgetTally::add_past(const State& state, const Intent& intent) {
    change_past(state, intent, true);
}

void BudgetTally::drop_past(const State& state, const Intent& intent) {
    change_past(state, intent, false);
}

void BudgetTally::change_past(const State& state, const Intent& intent, bool adds) {
    if (past_.empty()) return;
    const auto& budgets = state.meta.budgets;
    for (const std::size_t budget : budgets_of(budgets, state.jobs.at(intent.attempt.job).spec)) {
        std::optional<Past>& past = past_[budget];
        if (!past) continue;
        const Usd cost = past_cost(state, intent, past->from);
        past->spent = adds ? past->spent + cost : past->spent - cost;
    }
}

// Walks all rentals, but only when a window has begun anew since the last time.
void BudgetTally::renew_past(const State& state, WallTime wall) {
    past_.resize(state.meta.budgets.size());
    std::vector<bool> is_stale(past_.size());
    bool any = false;
    for (std::size_t i = 0; i < past_.size(); ++i) {
        const std::int64_t from = window_start(state.meta.budgets[i].window, wall);
        if (past_[i] && past_[i]->from == from) continue;
        past_[i] = Past{from, Usd{}};
        is_stale[i] = any = true;
    }
    if (!any) return;
    for (const auto& [job, intents] : state.intents_of) {
        const std::vector<std::size_t> budgets =
            budgets_of(state.meta.budgets, state.jobs.at(job).spec);
        for (const IntentId id : intents) {
            const Intent& intent = state.intents.at(id);
            if (!is_over(intent.phase)) continue;
            for (const std::size_t i : budgets) {
                if (is_stale[i]) past_[i]->spent += past_cost(state, intent, past_[i]->from);
            }
        }
    }
}

std::vector<BudgetUse> BudgetTally::gather(const State& state, Instant now, WallTime wall) {
    std::vector<BudgetUse> uses(state.meta.budgets.size());
    if (uses.empty()) return uses;
    renew_past(state, wall);
    for (std::size_t i = 0; i < uses.size(); ++i)
        uses[i].spent = past_[i]->spent;
    for (const IntentId id : state.open_intents) {
        const Intent& intent = state.intents.at(id);
        for (const std::size_t i : budgets_of_job(state, intent.attempt.job))
            add_use(state, intent, past_[i]->from, now, uses[i]);
    }
    return uses;
}

}  // namespace herder
