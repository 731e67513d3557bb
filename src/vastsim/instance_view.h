#pragma once
// An instance as show and list tell it: the fields of vast-api 4.1 from the reported, lagging
// state.
#include "vastsim/market.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

enum class InstanceEndpoint { kShow, kList };  // volume_info appears in lists only

Json instance_row(const Market& market, const Contract& contract, const Reported& reported,
                  InstanceEndpoint endpoint);

const char* to_word(ContractState state);

}  // namespace herder::vastsim
