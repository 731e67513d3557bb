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

// Days with one digit after the point, as Vast.ai's command line shows them.
std::string max_days_of(const Json& offer, const Look&) {
    const Json* left = offer.find("available_seconds");
    if (left == nullptr || left->is_null()) return "-";
    const std::int64_t days = number_at(offer, "available_seconds") * 10 / 86'400;
    return std::to_string(days / 10) + "." + std::to_string(days % 10);
}

// The words and the order of Vast.ai's own command line (vast-cli, August 2026), so that its users
// find their way; and the market, which there depends on the search.
constexpr std::array<ViewColumn, 23> kAllColumns{
    {{"ID", "ask"},
     {"CUDA", "cuda_max", true},
     {"N", "gpu_count", true},
     {"Model", "gpu_name"},
     {"Market", "market"},
     {"PCIE", "pcie_gb_per_second", true},
     {"cpu_ghz", "cpu_ghz", true},
     {"vCPUs", "cpu_threads", true},
     {"RAM", "ram_gb", true},
     {"Disk", "disk_free_gb", true},
     {"$/hr", "price_per_hour", true, price_of},
     {"DLP", "dl_performance", true},
     {"DLP/$", "dl_performance_per_dollar", true},
     {"NV Driver", "driver"},
     {"Net_up", "upload_mbps", true},
     {"Net_down", "download_mbps", true},
     {"R", "reliability", true, reliability_of},
     {"Max_Days", "available_seconds", true, max_days_of},
     {"mach_id", "machine"},
     {"status", "status"},
     {"host_id", "host"},
     {"country", "location"},
     {"Provider", "provider"}}};
constexpr std::array<ViewColumn, 15> kUsualColumns{
    {{"ID", "ask"},
     {"CUDA", "cuda_max", true},
     {"N", "gpu_count", true},
     {"Model", "gpu_name"},
     {"Market", "market"},
     {"vCPUs", "cpu_threads", true},
     {"RAM", "ram_gb", true},
     {"Disk", "disk_free_gb", true},
     {"$/hr", "price_per_hour", true, price_of},
     {"DLP/$", "dl_performance_per_dollar", true},
     {"Net_up", "upload_mbps", true},
     {"Net_down", "download_mbps", true},
     {"R", "reliability", true, reliability_of},
     {"Max_Days", "available_seconds", true, max_days_of},
     {"country", "location"}}};
const ListView kOffers{kUsualColumns, "no offer matches"};
const ListView kOffersWide{kAllColumns, "no offer matches"};

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

const ListView& offers_list(bool is_wide) {
    return is_wide ? kOffersWide : kOffers;
}

namespace {

// How the command line writes a condition.
std::string flag_of(const std::string& condition, const std::string& value) {
    if (condition == "reliability") return "--min-reliability " + value;
    if (condition == "num_gpus") return "--num-gpus " + value;
    if (condition == "max_price") return "--max-price " + value;
    if (condition == "region") return "also --region " + value;
    return "--" + condition + " " + value;
}

std::string looser_text(const Json& effect) {
    const std::string looser = printable(text_at(effect, "looser"));
    if (looser.empty()) return "";
    const std::string gained = text_at(effect, "gained");
    const std::string price = text_at(effect, "cheapest_per_hour");
    return flag_of(text_at(effect, "condition"), looser) + " would bring " + gained +
           (gained == "1" ? " offer" : " offers") +
           (price.empty() ? "" : ", from $" + rate_cell(price) + "/h");
}

}  // namespace

Table explanation_table(const Json& explanation) {
    Table table{.columns = {{.title = "CONDITION", .key = "condition"},
                            {.title = "REMOVED", .key = "removed", .right = true, .raw = true},
                            {.title = "A LITTLE LOOSER", .key = "looser"}},
                .rows = {},
                .when_empty = "no condition was set"};
    const Json* conditions = explanation.find("conditions");
    if (conditions == nullptr || conditions->if_array() == nullptr) return table;
    for (const Json& effect : *conditions->if_array()) {
        table.rows.push_back({printable(text_at(effect, "condition")), text_at(effect, "removed"),
                              looser_text(effect)});
    }
    return table;
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
