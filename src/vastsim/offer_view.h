#pragma once
// An offer as the search shows it: the fields of vast-api 3.1, which are also the fields that a
// search may filter and order by.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vastsim/market.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

// All fields, or those of `columns` (unknown ones are null).
Json offer_row(const Offer& offer, const std::vector<std::string>& columns = {});

// The value behind a filter field: a field of the row or a virtual one (verified, datacenter,
// geolocation by country). Nothing when no such field exists.
std::optional<Json> search_value(const Offer& offer, std::string_view field);

bool is_search_field(std::string_view field);

// "Region, CC" or ", US" -> "CC"; empty when the host tells no place.
std::string country_of(const Machine& machine);

}  // namespace herder::vastsim
