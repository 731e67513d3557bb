#pragma once
// YAML of scenario files as the Json value that the rest of vastsim reads; JSON is YAML too. No
// anchors, no tags, one document.
#include <string_view>

#include "base/result.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

Result<Json> parse_yaml(std::string_view text);

}  // namespace herder::vastsim
