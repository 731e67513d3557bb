#pragma once
// The market's offers in our units. What a search asked for is checked again here, because the
// market does not always apply its own filters.
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/provider.h"

namespace herder::vast {

struct OfferPage {
    std::size_t rows = 0;            // of the answer, the dropped ones included
    std::vector<std::int64_t> asks;  // of all rows that have one
    std::vector<Offer> offers;       // those that serve the query
    UsdPerHour dearest{};  // highest total price of a row, rounded down: the next page's floor
    bool operator==(const OfferPage&) const = default;
};

// `wall` turns an offer's end date into the time that is left.
Result<OfferPage> parse_offers(std::string_view body, const OfferQuery& query, WallTime wall);

}  // namespace herder::vast
