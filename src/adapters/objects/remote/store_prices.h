#pragma once
// What the providers ask for their standard class, as far as we know it. For estimates, never for a
// ledger.
#include <optional>
#include <string>

#include "core/checkpoints/storage_cost.h"

namespace herder::remote {

struct KnownPrices {
    StoragePrices prices;
    std::string note;  // what they leave out
};
// `provider`: "aws", "gcs", "azure", ... as Abilities has it; nothing for one whose prices are not
// known here.
std::optional<KnownPrices> prices_of(const std::string& provider);

}  // namespace herder::remote
