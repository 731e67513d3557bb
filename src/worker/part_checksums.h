#pragma once
// The CRC-32C of the parts that a file is cut into, for a store that verifies them.
#include <vector>

#include "protocol/parts_json.h"
#include "worker/block_sums.h"

namespace herder {

// Of the parts of one window, from the part `from` on.
std::vector<std::uint32_t> part_checksums(const BlockSums& sums, const protocol::PartRules& rules,
                                          int from);

}  // namespace herder
