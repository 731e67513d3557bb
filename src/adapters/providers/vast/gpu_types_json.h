#pragma once
// The market's own list of cards; newer ones appear there first.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::vast {

// In our canonical spelling.
Result<std::vector<std::string>> parse_gpu_types(std::string_view body);

}  // namespace herder::vast
