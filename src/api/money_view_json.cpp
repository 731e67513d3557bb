// tidy:allow missing-test covered by money_routes_json_test.cpp
// The views of money and of the market.
#include <algorithm>

#include "api/view_json.h"
#include "api/view_parts_json.h"
#include "core/step/budget_use.h"

namespace herder::api {

namespace json = boost::json;

namespace {

struct ReportRow {
    Usd accrued;
    Usd charged;
    Usd gpu;
    Usd disk;
    Usd network;
};

std::string key_of(const State& state, const Intent& intent, const std::string& by) {
    const Job& job = state.jobs.at(intent.attempt.job);
    if (by == "project") return job.spec.project;
    if (by == "team") return job.spec.team;
    if (by == "user") return job.spec.user;
    if (by == "gpu") return gpu_text(intent.offer);
    return to_text(job.id) + " " + job.spec.name;
}

std::string day_text(std::int64_t day) {
    return to_rfc3339(WallTime{day * days(1).us}).substr(0, 10);
}

using Rows = std::map<std::string, ReportRow>;

// Our own accrual, cut at midnight UTC by the calendar as it stood when the rental was planned.
void add_days(Rows& rows, const Intent& intent, Instant now) {
    const WallTime end = intent.planned_wall + (now - intent.planned);
    Usd before{};
    for (std::int64_t day = intent.planned_wall.day(); day <= end.day(); ++day) {
        const WallTime midnight{(day + 1) * days(1).us};
        const Instant until = intent.planned + (midnight - intent.planned_wall);
        const Usd sum = accrued(intent, std::min(until, now));
        if (sum > before) rows[day_text(day)].accrued += sum - before;
        before = sum;
        // Nothing accrues any more.
        if (sum == accrued(intent, now)) return;
    }
}

void add_charge(ReportRow& row, const Charge& charge) {
    row.charged += charge.amount;
    switch (charge.key.kind) {
        case ChargeKind::kGpu:
            row.gpu += charge.amount;
            return;
        case ChargeKind::kDisk:
            row.disk += charge.amount;
            return;
        case ChargeKind::kUpload:
        case ChargeKind::kDownload:
        case ChargeKind::kOther:
            row.network += charge.amount;
            return;
    }
}

json::object row_object(const std::string& key, const ReportRow& row) {
    return {{"key", key},
            {"cost", money(row.accrued)},
            {"charged", money(row.charged)},
            {"gpu", money(row.gpu)},
            {"disk", money(row.disk)},
            {"network", money(row.network)}};
}

}  // namespace

std::string cost_report(const State& state, Instant now, const std::string& by) {
    Rows rows;
    std::map<IntentId, std::string> keys;
    for (const auto& [id, intent] : state.intents) {
        if (!intent.contract) continue;
        keys[id] = key_of(state, intent, by);
        if (by == "day")
            add_days(rows, intent, now);
        else
            rows[keys[id]].accrued += accrued(intent, now);
    }
    Usd unowned{};
    for (const auto& [charge_key, charge] : state.ledger.charges()) {
        const auto owner = keys.find(charge.intent);
        if (owner == keys.end()) {
            unowned += charge.amount;
        } else {
            add_charge(rows[by == "day" ? day_text(charge_key.day) : owner->second], charge);
        }
    }
    json::array items;
    ReportRow total;
    for (const auto& [key, row] : rows) {
        total.accrued += row.accrued;
        total.charged += row.charged;
        items.push_back(row_object(key, row));
    }
    return json::serialize(json::object{{"by", by},
                                        {"rows", std::move(items)},
                                        {"total_cost", money(total.accrued)},
                                        {"total_charged", money(total.charged)},
                                        {"unowned", money(unowned)}});
}

namespace {

json::value rate_or_null(UsdPerHour r) {
    if (r.micros == 0) return nullptr;
    return rate(r);
}
json::value money_or_null(Usd amount) {
    if (amount == Usd{}) return nullptr;
    return money(amount);
}

json::object budget_object(const BudgetSpec& budget, const BudgetUse& use) {
    static constexpr const char* kWindows[] = {"total", "day", "week", "month"};
    json::object labels;
    for (const auto& [name, value] : budget.labels)
        labels[name] = value;
    const Usd left = budget.limit - use.spent - use.reserved;
    return {{"name", budget.name},
            {"team", budget.team},
            {"project", budget.project},
            {"user", budget.user},
            {"labels", std::move(labels)},
            {"parent", budget.parent.empty() ? json::value() : json::value(budget.parent)},
            {"limit", money(budget.limit)},
            {"window", kWindows[static_cast<int>(budget.window)]},
            {"burn_rate_max", rate_or_null(budget.burn_rate_max)},
            {"job_cost_max", money_or_null(budget.job_cost_max)},
            {"spent", money(use.spent)},
            {"reserved", money(use.reserved)},
            {"left", money(std::max(Usd{}, left))},
            {"burning_per_hour", rate(use.burning)}};
}

}  // namespace

Result<std::string> budgets_view(const State& state, Clocks at, const Page& page) {
    json::array items;
    for (const BudgetSpec& budget : state.meta.budgets)
        items.push_back(budget_object(budget, budget_use(state, budget, at.now, at.wall)));
    return page_text(std::move(items), page, Member{"name"});
}

}  // namespace herder::api
