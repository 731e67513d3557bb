#pragma once
// The CRC-32C of the parts that a file is cut into, for a store that verifies them.
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/parts_json.h"

namespace herder {

// Of the parts of one window, from the part `from` on; `size` is the file's. Reads them.
Result<std::vector<std::uint32_t>> part_checksums(const std::string& path, Bytes size,
                                                  const protocol::PartRules& rules, int from);

}  // namespace herder
