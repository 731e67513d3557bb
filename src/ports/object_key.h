#pragma once
// Which texts are keys of an object store (ports/object_store.h). For every store.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder {

// kInvalid unless `key` is one.
Status check_object_key(std::string_view key);
// The parts between the slashes; kInvalid unless `key` is one.
Result<std::vector<std::string>> parse_object_key(std::string_view key);

}  // namespace herder
