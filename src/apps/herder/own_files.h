#pragma once
// Files that come with this program and travel to machines: where they are and what they hash to.
#include <string>

#include "base/result.h"

namespace herder {

// SHA-256, as hex.
Result<std::string> hash_file(const std::string& path);
std::string beside_this_program(const std::string& name);

}  // namespace herder
