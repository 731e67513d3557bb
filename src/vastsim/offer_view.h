#pragma once
// An offer as the search shows it: the fields of vast-api 3.1, which are also the fields that a
// search may filter and order by.
#include <optional>
#include <string_view>

#include "vastsim/market.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

Json offer_row(const Offer& offer, double score_noise);

// The value behind a filter field: a member of the row or a virtual field (verified, datacenter,
// duration, geolocation by country). Nothing when no such field exists.
std::optional<Json> search_value(const Offer& offer, const Json& row, std::string_view field);

}  // namespace herder::vastsim
