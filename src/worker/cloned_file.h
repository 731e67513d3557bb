#pragma once
// A file of its own with the content of another one: sharing the blocks on the disk where the file
// system can (reflink; XFS, Btrfs), copied elsewhere. Never a hard link: whoever writes into one of
// the two must not change the other.
#include <string>

#include "adapters/http/cancel.h"
#include "base/result.h"

namespace herder {

// Replaces `target`, and leaves none behind an error; kNoCapacity where the disk is full,
// kCancelled where `cancel` says so. Returns the SHA-256, hex, of what is in `target` now: both are
// read only once where they are copied.
Result<std::string> clone_file(const std::string& source, const std::string& target,
                               const http::CancelToken& cancel);

}  // namespace herder
