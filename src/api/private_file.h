#pragma once
// Small files that only their owner may read: keys, tokens, sealed secrets.
#include <string>

#include "base/result.h"

namespace herder::api {

// Replaces the file whole, or not at all; it is on the disk (fsync) when this returns. Mode 0600.
Status write_private_file(const std::string& path, const std::string& text);
// kNotFound where there is none.
Result<std::string> read_small_file(const std::string& path);

}  // namespace herder::api
