// FastCDC (Xia and others, USENIX ATC 2016): a rolling "gear" hash, a cut where its top bits are
// zero; before the average length more bits have to be zero than after it, which narrows the
// spread of lengths. The table must never change: with another one every stored piece would be
// sent again.
#include "base/chunk_cutter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/random.h"

namespace herder {

namespace {

constexpr int kNarrowing = 2;

const std::array<std::uint64_t, 256>& gear() {
    static const std::array<std::uint64_t, 256> table = [] {
        std::array<std::uint64_t, 256> made{};
        for (std::size_t i = 0; i < made.size(); ++i)
            made[i] = mix64(0x6865726465720000ULL + i);  // "herder"
        return made;
    }();
    return table;
}

// The `bits` highest bits: those that the most bytes before have a part in.
std::uint64_t top_bits(int bits) {
    return ~std::uint64_t{0} << (64 - bits);
}

}  // namespace

std::size_t first_chunk(std::string_view data, const ChunkSizes& sizes) {
    if (data.size() <= sizes.min) return data.size();
    const std::size_t end = std::min(data.size(), sizes.max);
    const std::size_t middle = std::min(end, sizes.average);
    const int bits = std::countr_zero(sizes.average);  // of a power of two: its logarithm
    const std::uint64_t strict = top_bits(bits + kNarrowing);
    const std::uint64_t lax = top_bits(bits - kNarrowing);
    std::uint64_t hash = 0;
    for (std::size_t i = sizes.min; i < end; ++i) {
        hash = (hash << 1) + gear()[static_cast<unsigned char>(data[i])];
        if ((hash & (i < middle ? strict : lax)) == 0) return i + 1;
    }
    return end;
}

}  // namespace herder
