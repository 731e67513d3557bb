#pragma once
// The CRC-32C of the parts that a file is cut into, for a store that verifies them.
#include <vector>

#include "protocol/parts_json.h"
#include "worker/block_sums.h"

namespace herder {

// Of the parts of one window, which begins as the wish says and goes on into `wish.files` files.
std::vector<std::uint32_t> window_checksums(const std::vector<BlockSums>& sums,
                                            const protocol::PartRules& rules,
                                            const protocol::PartsRequest& wish);

}  // namespace herder
