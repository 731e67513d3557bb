#pragma once
// The provider's bill, one page at a time, as charges by contract, day and kind.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/provider.h"

namespace herder::vast {

struct ChargePage {
    std::vector<ChargeRow> rows;  // one for each key that occurs
    std::size_t results = 0;      // rows of the answer
    std::optional<std::int64_t> total;
    std::string next_token;  // empty: the last page
};

// `asked_day` keys what carries no start of its own.
Result<ChargePage> parse_charges(std::string_view body, std::int64_t asked_day);

}  // namespace herder::vast
