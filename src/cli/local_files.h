#pragma once
// The files that commands take from the user's machine, whole. Not for large data.
#include <optional>
#include <string>

#include "base/result.h"

namespace herder::cli {

// kNotFound with the path where there is none; kInvalid where it is larger than 4 MB.
Result<std::string> read_file(const std::string& path);
// The path of the user's public ssh key, the newest kind first; nothing where ~/.ssh has none.
std::optional<std::string> find_ssh_key();

}  // namespace herder::cli
