#include "cli/offer_changes.h"

#include <map>
#include <utility>

#include "base/money.h"
#include "cli/cells.h"

namespace herder::cli {

namespace {

// One ask may be offered on both markets.
using Name = std::pair<std::string, std::string>;

Name name_of(const Json& offer) {
    return {text_at(offer, "ask"), text_at(offer, "market")};
}

std::string change_of(const std::string& before, const std::string& now) {
    const Result<Usd> old_price = parse_usd(before);
    const Result<Usd> new_price = parse_usd(now);
    if (!old_price || !new_price || *old_price == *new_price) return "";
    return (*new_price > *old_price ? "up from " : "down from ") + rate_cell(before);
}

}  // namespace

OfferChanges compare_offers(const Json::Array& before, const Json::Array& after) {
    std::map<Name, std::string> prices;
    for (const Json& offer : before)
        prices[name_of(offer)] = text_at(offer, "price_per_hour");
    OfferChanges changes;
    for (const Json& offer : after) {
        const auto known = prices.find(name_of(offer));
        const std::string change = known == prices.end()
                                       ? "new"
                                       : change_of(known->second, text_at(offer, "price_per_hour"));
        if (known != prices.end()) prices.erase(known);
        Json marked = offer;
        marked.set("change", change);
        changes.offers.push_back(std::move(marked));
    }
    changes.gone = prices.size();
    return changes;
}

}  // namespace herder::cli
