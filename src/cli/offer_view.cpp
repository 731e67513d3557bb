#include "cli/offer_view.h"

#include <array>
#include <set>

#include "base/money.h"

namespace herder::cli {

namespace {

constexpr std::size_t kCandidatesShown = 5;

std::string gpu_of(const Json& offer, const Look&) {
    return text_at(offer, "gpu_count") + "x " + printable(text_at(offer, "gpu_name"));
}
std::string machine_of(const Json& offer, const Look&) {
    return "m" + text_at(offer, "machine");
}
std::string price_of(const Json& offer, const Look&) {
    return rate_cell(text_at(offer, "price_per_hour"));
}
// "0.9940" -> "99.4%"; digits moved, so that no rounding can flatter a host.
std::string reliability_of(const Json& offer, const Look&) {
    const std::string text = text_at(offer, "reliability");
    const std::size_t point = text.find('.');
    if (point == text.npos) return text.empty() ? "-" : text + "00%";
    std::string digits = text.substr(point + 1) + "000";
    std::string whole = text.substr(0, point) + digits.substr(0, 2);
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    return whole + "." + digits.substr(2, 1) + "%";
}
std::string speed(std::int64_t mbps) {
    if (mbps < 1000) return std::to_string(mbps) + "M";
    return std::to_string(mbps / 1000) + "." + std::to_string(mbps % 1000 / 100) + "G";
}
std::string net_of(const Json& offer, const Look&) {
    return speed(number_at(offer, "download_mbps")) + "/" + speed(number_at(offer, "upload_mbps"));
}
std::string expected_of(const Json& offer, const Look&) {
    return money_cell(text_at(offer, "expected_cost"));
}

constexpr std::array<ViewColumn, 8> kOfferColumns{{{"OFFER", "ask"},
                                                   {"PROVIDER", "provider"},
                                                   {"MACHINE", "machine", false, machine_of},
                                                   {"GPU", "gpu_name", false, gpu_of},
                                                   {"MARKET", "market"},
                                                   {"$/H", "price_per_hour", true, price_of},
                                                   {"REL.", "reliability", true, reliability_of},
                                                   {"NET DOWN/UP", "download_mbps", true, net_of}}};
const ListView kOffers{kOfferColumns, "no offer matches"};

std::string rank_of(const Json& offer, const Look&) {
    return text_at(offer, "rank");
}
constexpr std::array<ViewColumn, 10> kPlanColumns{
    {{"#", "rank", true, rank_of},
     {"PROVIDER", "provider"},
     {"MACHINE", "machine", false, machine_of},
     {"GPU", "gpu_name", false, gpu_of},
     {"MARKET", "market"},
     {"$/H", "price_per_hour", true, price_of},
     {"REL.", "reliability", true, reliability_of},
     {"NET DOWN/UP", "download_mbps", true, net_of},
     {"EST. COST", "expected_cost", true, expected_of},
     {"WHY", "why"}}};
const ListView kPlan{kPlanColumns, ""};

std::string rejected_of(const Json& plan) {
    const Json* rejected = plan.find("rejected");
    if (rejected == nullptr || rejected->if_object() == nullptr) return "";
    std::string text;
    for (const auto& [reason, count] : *rejected->if_object())
        text += (text.empty() ? "" : ", ") + text_of(&count) + " " + printable(reason);
    return text;
}

std::size_t matching(const Json& plan, std::size_t listed) {
    const Json* count = plan.find("matching");
    return count == nullptr ? listed : static_cast<std::size_t>(number_at(plan, "matching"));
}

std::string why_not(const Json& plan, std::size_t listed) {
    std::string text = std::to_string(matching(plan, listed)) + " of " +
                       text_at(plan, "offers_seen") + " offers match";
    const std::string rejected = rejected_of(plan);
    return rejected.empty() ? text : text + "; not taken: " + rejected;
}

Json::Array ranked(const Json& plan) {
    const Json* candidates = plan.find("candidates");
    if (candidates == nullptr || candidates->if_array() == nullptr) return {};
    Json::Array shown;
    std::set<std::string> seen;
    for (const Json& candidate : *candidates->if_array()) {
        if (shown.size() == kCandidatesShown) break;
        // A host offers each of its cards: one line says as much as eight.
        const std::string same = text_at(candidate, "machine") + " " +
                                 text_at(candidate, "market") + " " +
                                 text_at(candidate, "price_per_hour");
        if (!seen.insert(same).second) continue;
        Json copy = candidate;
        copy.set("rank", static_cast<std::int64_t>(shown.size() + 1));
        shown.push_back(std::move(copy));
    }
    return shown;
}

}  // namespace

const ListView& offers_list() {
    return kOffers;
}

std::string match_text(const Json& plan) {
    return why_not(plan, 0);
}

std::string plan_page(const Json& plan, const Look& look) {
    const Json::Array shown = ranked(plan);
    std::string text;
    if (!shown.empty()) text += to_aligned(to_table(shown, kPlan, Format::kTable, look));
    const Json* candidates = plan.find("candidates");
    const std::size_t listed = candidates != nullptr && candidates->if_array() != nullptr
                                   ? candidates->if_array()->size()
                                   : 0;
    text += "   " + why_not(plan, listed) + "\n";
    if (shown.empty()) text += "   nothing fits now; the job would wait in the queue\n";
    const std::string worst = text_at(plan, "worst_case_cost");
    const Result<Usd> amount = parse_usd(worst);
    if (amount && amount->micros > 0) {
        text += "Reserves   at most " + money_cell(worst) + ", the worst case within its limits\n";
    }
    return text;
}

}  // namespace herder::cli
