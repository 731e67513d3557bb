#pragma once
// Where a stream of bytes is cut into pieces so that a change moves few cuts: the place of a cut
// follows from the bytes before it alone, not from their offset. Pure.
#include <cstddef>
#include <string_view>

namespace herder {

struct ChunkSizes {
    std::size_t min = 0;
    std::size_t average = 0;  // a power of two
    std::size_t max = 0;
};

// The length of the first piece of `data`, which must hold `max` bytes unless the stream ends
// with it.
std::size_t first_chunk(std::string_view data, const ChunkSizes& sizes);

}  // namespace herder
