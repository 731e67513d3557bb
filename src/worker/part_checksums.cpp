#include "worker/part_checksums.h"

#include <algorithm>

#include "core/checkpoints/part_plan.h"

namespace herder {

std::vector<std::uint32_t> part_checksums(const BlockSums& sums, const protocol::PartRules& rules,
                                          int from) {
    if (sums.size.count <= 0 || rules.parts_max < 1) return {};
    // Whole MiB, so whole blocks.
    const Bytes part_size = choose_part_size(sums.size, rules.size_min, rules.parts_max);
    const int end = std::min(from + protocol::kPartsWindow, count_parts(sums.size, part_size) + 1);
    std::vector<std::uint32_t> found;
    for (int number = from; number < end; ++number) {
        const PartRange range = range_of_part(number, sums.size, part_size);
        found.push_back(sums.of(range.offset, range.size));
    }
    return found;
}

}  // namespace herder
