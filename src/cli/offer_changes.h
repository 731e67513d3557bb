#pragma once
// What has changed between two looks at the market: for `herder offers --watch`.
#include <string>

#include "protocol/value_json.h"

namespace herder::cli {

struct OfferChanges {
    // The newer offers, each with a member "change": "new", "up from 0.30", "down from 0.35" or "".
    protocol::Json::Array offers;
    // How many of the older ones are not among them any more.
    std::size_t gone = 0;
};
OfferChanges compare_offers(const protocol::Json::Array& before,
                            const protocol::Json::Array& after);

}  // namespace herder::cli
