#pragma once
// Paths that come from outside and may only name what lies below a folder of ours.
#include <string>

namespace herder {

// A relative path that stays below where it starts.
bool is_confined_path(const std::string& path);
// A symbolic link at `path` that leads to `target`, which is relative and stays below as well.
bool is_confined_link(const std::string& path, const std::string& target);

}  // namespace herder
