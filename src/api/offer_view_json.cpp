// tidy:allow missing-test covered by market_routes_json_test.cpp
#include "api/view_json.h"
#include "api/view_parts_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

json::string reliability(int ppm) {
    const std::string digits = std::to_string(1'000'000 + ppm);
    return json::string((ppm >= 1'000'000 ? "1." : "0.") + digits.substr(1, 4));
}

json::value seconds_or_null(Duration d) {
    if (d >= kForever) return nullptr;
    return d.us / seconds(1).us;
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
            {"verified", offer.verified},
            {"disk_free_gb", offer.disk_free.count / gigabytes(1).count},
            {"available_seconds", seconds_or_null(offer.remaining)}};
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

namespace {

// "12.8" of 1280 hundredths; null for 0, which says nothing.
json::value decimal_or_null(std::int64_t value, std::int64_t per_unit) {
    if (value <= 0) return nullptr;
    std::string digits = std::to_string(per_unit + value % per_unit).substr(1);
    while (!digits.empty() && digits.back() == '0')
        digits.pop_back();
    return json::string(std::to_string(value / per_unit) + (digits.empty() ? "" : ".") + digits);
}

// The market's benchmark points for a dollar.
json::value points_per_dollar(const Offer& offer, UsdPerHour price) {
    if (price.micros <= 0 || offer.sheet.dl_performance_tenths <= 0) return nullptr;
    const std::int64_t tenths = offer.sheet.dl_performance_tenths * 1'000'000 / price.micros;
    return decimal_or_null(tenths, 10);
}

void add_sheet(const Offer& offer, UsdPerHour price, json::object& out) {
    const OfferSheet& sheet = offer.sheet;
    out["host"] = offer.host;
    out["driver"] = offer.driver;
    out["status"] = sheet.status;
    out["disk_mb_per_second"] = offer.disk_mb_per_second;
    out["cuda_max"] = decimal_or_null(sheet.cuda_hundredths, 100);
    out["pcie_gb_per_second"] = decimal_or_null(sheet.pcie_mb_per_second, 1000);
    out["cpu_ghz"] = decimal_or_null(sheet.cpu_mhz, 1000);
    out["cpu_threads"] = decimal_or_null(sheet.cpu_threads_tenths, 10);
    out["ram_gb"] = decimal_or_null(sheet.ram_mb / 100, 10);
    out["dl_performance"] = decimal_or_null(sheet.dl_performance_tenths, 10);
    out["dl_performance_per_dollar"] = points_per_dollar(offer, price);
}

json::object explanation_object(const OfferExplanation& explanation) {
    json::array conditions;
    for (const ConditionEffect& effect : explanation.effects) {
        json::object out{{"condition", to_string(effect.condition)},
                         {"removed", effect.removed},
                         {"looser", nullptr},
                         {"gained", effect.gained},
                         {"cheapest_per_hour", nullptr}};
        if (!effect.looser.empty()) out["looser"] = effect.looser;
        if (effect.cheapest) out["cheapest_per_hour"] = rate(*effect.cheapest);
        conditions.push_back(std::move(out));
    }
    return {{"offers_seen", explanation.seen},
            {"matching", explanation.matching},
            {"conditions", std::move(conditions)}};
}

}  // namespace

Result<std::string> offers_view(const std::vector<Offer>& offers, Bytes disk, const Page& page,
                                const std::optional<OfferExplanation>& explanation) {
    json::array items;
    for (const Offer& offer : offers) {
        json::object out = offer_object(offer);
        const UsdPerHour price = offer.total_price(disk);
        out["price_per_hour"] = rate(price);
        add_sheet(offer, price, out);
        items.push_back(std::move(out));
    }
    // One ask may be offered on both markets.
    Result<json::object> list = page_of(std::move(items), page, [](const json::object& item) {
        return Member{"ask"}(item) + "/" + Member{"market"}(item);
    });
    if (!list) return list.error();
    if (explanation) (*list)["explanation"] = explanation_object(*explanation);
    return json::serialize(*list);
}

}  // namespace herder::api
