#pragma once
// Reads /proc: which processes belong together. A snapshot; processes may come and go meanwhile.
#include <cstdint>
#include <string>
#include <vector>

namespace herder::vastsim {

// The process and all its live descendants; empty when it does not exist or is a zombie.
std::vector<std::int64_t> process_tree(std::int64_t root);

// Live processes that were started with "NAME=value" in their environment.
std::vector<std::int64_t> processes_with_variable(const std::string& assignment);

}  // namespace herder::vastsim
