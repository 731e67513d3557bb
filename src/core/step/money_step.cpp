// Charges read from the provider, budgets, and the limits on what a job may cost.
#include <algorithm>

#include "base/assert.h"
#include "core/step/steps.h"

namespace herder {

Usd cost_of(const State& state, const Intent& intent, Instant now) {
    const Usd charged = intent.contract ? state.ledger.charged(intent.contract) : Usd{};
    // Once settled the provider's figure is the truth; before, the larger one is the safer.
    if (std::holds_alternative<rent::Settled>(intent.phase)) return charged;
    return std::max(accrued(intent, now), charged);
}

Usd cost_of_job(const State& state, JobId job, Instant now) {
    Usd total{};
    const auto found = state.intents_of.find(job);
    if (found == state.intents_of.end()) return total;
    for (const IntentId id : found->second)
        total += cost_of(state, state.intents.at(id), now);
    return total;
}

Duration ran_so_far(const State& state, const Job& job, Instant now) {
    const auto found = state.attempts.find({job.id, job.fence});
    if (found == state.attempts.end() || !found->second.is_live() || !found->second.started) {
        return job.ran;
    }
    return job.ran + (now - *found->second.started);
}

std::vector<BudgetInForce> budgets_in_force(Work& work, const std::vector<std::size_t>& which) {
    std::vector<BudgetInForce> found;
    found.reserve(which.size());
    for (const std::size_t i : which)
        found.push_back({&work.state.meta.budgets[i], work.budget_uses()[i]});
    return found;
}

std::optional<std::string> budget_objection(const std::vector<BudgetInForce>& budgets, Usd wanted,
                                            UsdPerHour price) {
    for (const BudgetInForce& budget : budgets) {
        if (auto objection = find_objection(*budget.spec, budget.use, wanted, price)) {
            return objection;
        }
    }
    return std::nullopt;
}

bool is_within_budgets(const std::vector<BudgetInForce>& budgets, Usd wanted, UsdPerHour price) {
    return std::all_of(budgets.begin(), budgets.end(), [&](const BudgetInForce& budget) {
        return fits(*budget.spec, budget.use, wanted, price);
    });
}

void on_charges(Work& work, const input::ChargesRead& in) {
    if (!in.complete) return;
    HERDER_ASSERT(in.labels.empty() || in.labels.size() == in.charges.size());
    for (std::size_t i = 0; i < in.charges.size(); ++i) {
        Charge charge = in.charges[i];
        const auto owner = work.state.by_contract.find(charge.key.contract);
        if (owner != work.state.by_contract.end()) {
            charge.intent = owner->second;
        } else if (i < in.labels.size()) {
            charge.intent = parse_label(work.cluster, in.labels[i]).value_or(IntentId{});
            pass_over(work, charge.intent);
        }
        work.put_charge(charge);
    }
    work.state.charges_read = in.asked;
    work.dirty = true;
}

namespace {

void settle(Work& work, Intent& intent) {
    const Instant closed = std::get<rent::Closed>(intent.phase).at;
    // Late charges need real time. A restart under a wall clock that was set forward moves the
    // logical clock without any having passed, so what passed before we lead does not count.
    const Instant due = std::max(closed, work.state.leads_since) + work.settings.settle_after;
    if (work.now < due) return work.wake(due);
    if (work.state.charges_read < due) return;
    const Usd own = accrued(intent, work.now);
    const Usd charged = work.state.ledger.charged(intent.contract);
    if (differs_alarmingly(own, charged)) {
        work.note("cost.differs", intent.attempt.job, to_text(intent.id),
                  {{"accrued", to_decimal(own)}, {"charged", to_decimal(charged)}});
    }
    work.set_phase(intent, rent::Settled{work.now});
    work.note("rent.settled", intent.attempt.job, to_text(intent.id),
              {{"charged", to_decimal(charged)}});
}

// Money that a running machine still costs after the decision to stop its job.
Usd cost_to_stop(const Work& work, const Job& job, UsdPerHour rate) {
    return rate * (job.spec.checkpoint.stop_grace + work.settings.stop_upload);
}

UsdPerHour rate_of(const Work& work, AttemptKey key) {
    UsdPerHour rate{};
    for (const AttemptMember& member : work.state.attempts.at(key).members) {
        const Intent& intent = work.state.intents.at(member.intent);
        if (may_exist(intent.phase)) rate = rate + intent.gpu_rate + intent.disk_rate;
    }
    return rate;
}

// Days of bills that are read where nothing else says from when on.
constexpr std::int64_t kBillsBack = 31;

// Nearer to a limit than this counts as there: what is spent may stand still for a while, where a
// bill ran ahead of our own reckoning, and would be looked at without end a microdollar before it.
constexpr Duration kNearEnough = seconds(1);

bool is_reached(Usd spent, Usd limit, UsdPerHour rate) {
    return spent + rate * kNearEnough >= limit;
}

// The moment at which `spent` growing with `rate` reaches `limit`.
Instant reaches(Instant now, Usd spent, Usd limit, UsdPerHour rate) {
    if (rate.micros <= 0) return kNever;
    const auto left =
        static_cast<__int128_t>(limit.micros - spent.micros) * hours(1).us / rate.micros;
    return now + Duration{static_cast<std::int64_t>(std::min<__int128_t>(left, days(3650).us)) + 1};
}

void sweep_job_cost(Work& work, AttemptKey key) {
    const Job& job = work.state.jobs.at(key.job);
    if (job.stop || job.spec.limits.max_cost <= Usd{}) return;
    const UsdPerHour rate = rate_of(work, key);
    const Usd limit = job.spec.limits.max_cost - cost_to_stop(work, job, rate);
    const Usd spent = cost_of_job(work.state, key.job, work.now);
    if (is_reached(spent, limit, rate)) {
        if (is_time_in_doubt(work)) return;
        return request_stop(work, key.job, EndReason::kBudget, "max_cost");
    }
    work.wake(reaches(work.now, spent, limit, rate));
}

// For each budget, what its live attempts still cost after the decision to stop all of them.
std::vector<Usd> costs_to_stop(Work& work) {
    std::vector<Usd> costs(work.state.meta.budgets.size());
    for (const AttemptKey& key : work.state.live_attempts) {
        const Usd cost = cost_to_stop(work, work.state.jobs.at(key.job), rate_of(work, key));
        for (const std::size_t i : work.state.tally.budgets_of_job(work.state, key.job))
            costs[i] += cost;
    }
    return costs;
}

void stop_all(Work& work, std::size_t budget) {
    std::vector<JobId> covered;
    for (const AttemptKey& key : work.state.live_attempts) {
        const auto& budgets = work.state.tally.budgets_of_job(work.state, key.job);
        const bool counts = std::find(budgets.begin(), budgets.end(), budget) != budgets.end();
        if (counts && !work.state.jobs.at(key.job).stop) covered.push_back(key.job);
    }
    const std::string name = "budget " + work.state.meta.budgets[budget].name;
    for (const JobId job : covered)
        request_stop(work, job, EndReason::kBudget, name);
}

void sweep_budgets(Work& work) {
    if (work.state.meta.budgets.empty()) return;
    std::vector<Usd> to_stop = costs_to_stop(work);
    for (std::size_t i = 0; i < work.state.meta.budgets.size(); ++i) {
        const BudgetUse use = work.budget_uses()[i];
        if (use.burning.micros <= 0) continue;
        const Usd limit = work.state.meta.budgets[i].limit - to_stop[i];
        if (!is_reached(use.spent, limit, use.burning)) {
            work.wake(reaches(work.now, use.spent, limit, use.burning));
            continue;
        }
        if (is_time_in_doubt(work)) continue;
        stop_all(work, i);
        to_stop = costs_to_stop(work);
    }
}

// Bills hold the labels of what was rented after the newest rental that is known: by a database
// that was lost, or after the backup that this one is. Once for each process, so that no number is
// given twice, and whose machine is closed by now is seen all the same.
std::int64_t day_of_newest(const Work& work) {
    const std::int64_t earliest = work.wall.day() - kBillsBack;
    if (work.state.intents.empty()) return earliest;
    return std::max(earliest, work.state.intents.rbegin()->second.planned_wall.day());
}

void sweep_charges(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    bool wanted = work.state.charges_read == Instant{};
    std::int64_t from = wanted ? day_of_newest(work) : work.wall.day();
    for (const IntentId id : work.state.open_intents) {
        const Intent& intent = work.state.intents.at(id);
        if (!intent.contract) continue;
        wanted = true;
        from = std::min(from, intent.planned_wall.day());
    }
    if (!wanted) return;
    const Instant due = work.state.charges_asked + work.settings.charges_every;
    const bool is_asked = work.state.charges_asked != Instant{};
    if (is_asked && work.now < due) return work.wake(due);
    work.state.charges_asked = work.now;
    // One day more on either side: our calendar may be wrong, the provider's days are not ours.
    work.release(effect::ReadCharges{from - 1, work.wall.day() + 1});
    work.wake(work.now + work.settings.charges_every);
}

}  // namespace

void sweep_money(Work& work) {
    const std::vector<AttemptKey> live = snapshot(work.state.live_attempts);
    for (const AttemptKey& key : live) {
        if (work.state.attempts.at(key).is_live()) sweep_job_cost(work, key);
    }
    sweep_budgets(work);
    const std::vector<IntentId> open = snapshot(work.state.open_intents);
    for (const IntentId id : open) {
        Intent& intent = work.state.intents.at(id);
        if (std::holds_alternative<rent::Closed>(intent.phase)) settle(work, intent);
    }
    sweep_charges(work);
}

}  // namespace herder
