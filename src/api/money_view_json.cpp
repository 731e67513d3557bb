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

Result<std::string> key_of(const State& state, const Intent& intent, const std::string& by) {
    const Job& job = state.jobs.at(intent.attempt.job);
    if (by == "job") return to_text(job.id) + " " + job.spec.name;
    if (by == "project") return job.spec.project;
    if (by == "team") return job.spec.team;
    if (by == "user") return job.spec.user;
    if (by == "gpu") return gpu_text(intent.offer);
    return invalid("cannot report by '" + by + "'; use job, project, team, user or gpu");
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

Result<std::string> cost_report(const State& state, Instant now, const std::string& by) {
    // Also where there is nothing to report yet.
    if (by != "job" && by != "project" && by != "team" && by != "user" && by != "gpu")
        return invalid("cannot report by '" + by + "'; use job, project, team, user or gpu");
    std::map<std::string, ReportRow> rows;
    std::map<IntentId, std::string> keys;
    for (const auto& [id, intent] : state.intents) {
        if (!intent.contract) continue;
        const Result<std::string> key = key_of(state, intent, by);
        if (!key) return key.error();
        keys[id] = *key;
        rows[*key].accrued += accrued(intent, now);
    }
    Usd unowned{};
    for (const auto& [charge_key, charge] : state.ledger.charges()) {
        const auto owner = keys.find(charge.intent);
        if (owner == keys.end()) {
            unowned += charge.amount;
        } else {
            add_charge(rows[owner->second], charge);
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

std::string budgets_view(const State& state, Instant now, WallTime wall) {
    static constexpr const char* kWindows[] = {"total", "day", "week", "month"};
    json::array items;
    for (const BudgetSpec& budget : state.meta.budgets) {
        const BudgetUse use = budget_use(state, budget, now, wall);
        items.push_back(json::object{
            {"name", budget.name},
            {"team", budget.team},
            {"project", budget.project},
            {"user", budget.user},
            {"limit", money(budget.limit)},
            {"window", kWindows[static_cast<int>(budget.window)]},
            {"spent", money(use.spent)},
            {"reserved", money(use.reserved)},
            {"left", money(std::max(Usd{}, budget.limit - use.spent - use.reserved))}});
    }
    return json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", nullptr}});
}

namespace {

json::string reliability(int ppm) {
    const std::string digits = std::to_string(1'000'000 + ppm);
    return json::string((ppm >= 1'000'000 ? "1." : "0.") + digits.substr(1, 4));
}

json::object offer_object(const Offer& offer) {
    return {{"provider", offer.provider},
            {"ask", offer.ask},
            {"machine", offer.machine},
            {"gpu_name", offer.gpu_name},
            {"gpu_count", offer.gpu_count},
            {"gpu_ram_mb", offer.gpu_ram_mb},
            {"market", offer.interruptible ? "spot" : "on-demand"},
            {"reliability", reliability(offer.reliability_ppm)},
            {"upload_mbps", offer.upload_mbps},
            {"download_mbps", offer.download_mbps},
            {"location", offer.location},
            {"verified", offer.verified}};
}

}  // namespace

std::string plan_view(const Ranking& ranking, Usd worst_case_cost,
                      const std::string& budget_objection) {
    json::array candidates;
    for (const Candidate& candidate : ranking.candidates) {
        json::object out = offer_object(candidate.offer);
        out["price_per_hour"] = rate(candidate.price);
        out["bid_per_hour"] = nullptr;
        if (candidate.bid.micros > 0) out["bid_per_hour"] = rate(candidate.bid);
        out["expected_cost"] = money(candidate.expected_cost);
        out["why"] = candidate.why;
        candidates.push_back(std::move(out));
        if (candidates.size() == 20) break;
    }
    json::object rejected;
    for (const auto& [reason, count] : ranking.rejected)
        rejected[to_string(reason)] = count;
    json::object out{
        {"offers_seen", ranking.offers_seen},        {"matching", ranking.candidates.size()},
        {"candidates", std::move(candidates)},       {"rejected", std::move(rejected)},
        {"worst_case_cost", money(worst_case_cost)}, {"budget_objection", nullptr}};
    if (!budget_objection.empty()) out["budget_objection"] = budget_objection;
    return json::serialize(json::object{{"plan", std::move(out)}});
}

std::string offers_view(const std::vector<Offer>& offers, Bytes disk) {
    json::array items;
    for (const Offer& offer : offers) {
        json::object out = offer_object(offer);
        out["price_per_hour"] = rate(offer.total_price(disk));
        items.push_back(std::move(out));
    }
    return json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", nullptr}});
}

}  // namespace herder::api
