#pragma once
// The files that commands take from the user's machine, whole. Not for large data.
#include <string>

#include "base/result.h"

namespace herder::cli {

// kNotFound with the path where there is none; kInvalid where it is larger than 4 MB.
Result<std::string> read_file(const std::string& path);

}  // namespace herder::cli
