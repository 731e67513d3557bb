#pragma once
// The SHA-256 of every output of a job, as the machine that stored them computed them: a text that
// `sha256sum -c` reads beside the folder outputs/, whoever copied it with whatever tool.
#include <map>
#include <string>

#include "base/result.h"

namespace herder::protocol {

// Of one job, those of all its attempts: so many are listed.
constexpr std::size_t kOutputsListedMax = 100'000;
// Twice those of one attempt (kOutputsMax) whose names are as long as they may be.
constexpr std::size_t kOutputHashesSizeMax = 8 << 20;

using OutputHashes = std::map<std::string, std::string>;  // path -> hex

// "<64 hex digits>  outputs/<path>", a line each.
std::string to_text(const OutputHashes& hashes);
Result<OutputHashes> parse_output_hashes(const std::string& text);

}  // namespace herder::protocol
