#pragma once
// The CRC-32C of two texts one after the other, from theirs alone.
#include <cstdint>

namespace herder {

std::uint32_t combine_crc32c(std::uint32_t first, std::uint32_t second, std::uint64_t second_size);

}  // namespace herder
