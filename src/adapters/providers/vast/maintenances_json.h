#pragma once
// What hosts announce: GET /machines/maintenances. The documentation names the route and not its
// answer; the fields are those that the official CLI 1.9.1 (August 2026) shows in its table.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/provisioner/maintenance.h"

namespace herder::vast {

// The part of the path and the query, for at most some hundred machines.
std::string maintenances_target(const std::vector<std::int64_t>& machines);

// Windows that cannot be read (no machine, no time) are an error: one of them may be ours. One
// without an end lasts an hour.
Result<std::vector<Maintenance>> parse_maintenances(std::string_view body, WallTime now);

}  // namespace herder::vast
