#pragma once
// The bodies and filters that we send to the market. Encoding only; limits that would make the
// market refuse are checked before anything is sent.
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "ports/provider.h"

namespace herder::vast {

// Where a search goes on: at this total price, without these offers.
struct SearchFrom {
    UsdPerHour floor{};
    std::set<std::int64_t> without;
};

// Cheapest first.
std::string encode_search(const OfferQuery& query, const SearchFrom& from = {});

// A rental that either starts now or is not made; with a bid where one is given, else on demand.
Result<std::string> encode_create(const CreateRequest& request);

Result<std::string> encode_bid(UsdPerHour bid);

// "?limit=..." of one page of the machine list, ordered by id.
std::string list_target(const std::string& after_token);
// One page of the charges of one day since 1970, UTC.
std::string charges_target(std::int64_t day, const std::string& after_token);

// Gigabytes that are asked for: whole ones, at least the market's minimum.
std::int64_t disk_gigabytes(Bytes disk);

}  // namespace herder::vast
