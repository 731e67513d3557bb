#pragma once
// Files that come with this program and travel to machines: where they are.
#include <string>

namespace herder {

std::string beside_this_program(const std::string& name);

}  // namespace herder
