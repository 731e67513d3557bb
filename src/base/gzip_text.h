#pragma once
// A text in gzip's format (RFC 1952), whole in memory. For pieces of a few megabytes, not streams.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder {

// What does not shrink (pictures, archives, weights) is wrapped and not compressed.
std::string gzip_text(std::string_view text);
// kCorrupt for what is no gzip, is cut off, or unpacks to more than `limit` bytes.
Result<std::string> gunzip_text(std::string_view packed, std::size_t limit);

}  // namespace herder
