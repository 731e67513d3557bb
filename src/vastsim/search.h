#pragma once
// Which offers a search finds, in its order: the part that search, the newer search and launch
// share. No request and no reply.
#include <vector>

#include "vastsim/query.h"
#include "vastsim/route.h"

namespace herder::vastsim {

Result<std::vector<Offer>> find_offers(ApiState& state, const SearchQuery& query);

}  // namespace herder::vastsim
