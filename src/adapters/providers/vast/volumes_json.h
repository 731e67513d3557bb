#pragma once
// Volumes of the account: listed, because they bill until they are deleted. Herder makes none: a
// volume lives on one machine and dies with its host, and jobs here move.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::vast {

struct Volume {
    std::int64_t id = 0;
    std::string label;
    std::string status;  // "created", "in-use"; other words survive
    std::int64_t physical_machine = 0;
    Bytes size;
    UsdPerHour price{};
    std::vector<std::int64_t> used_by;  // contracts
    std::optional<WallTime> ends;
    bool operator==(const Volume&) const = default;
};
Result<std::vector<Volume>> parse_volumes(std::string_view body);

}  // namespace herder::vast
