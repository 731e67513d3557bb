#include "worker/part_checksums.h"

#include <algorithm>

#include "core/checkpoints/part_plan.h"

namespace herder {

std::vector<std::uint32_t> window_checksums(const std::vector<BlockSums>& sums,
                                            const protocol::PartRules& rules,
                                            const protocol::PartsRequest& wish) {
    std::vector<std::uint32_t> found;
    if (rules.parts_max < 1) return found;
    const auto first = static_cast<std::size_t>(wish.index);
    const std::size_t end = std::min(sums.size(), first + static_cast<std::size_t>(wish.files));
    for (std::size_t i = first; i < end; ++i) {
        const Bytes size = sums[i].size;
        if (size.count <= 0) continue;
        // Whole MiB, so whole blocks.
        const Bytes part_size = choose_part_size(size, rules.size_min, rules.parts_max);
        const int total = count_parts(size, part_size);
        for (int number = i == first ? wish.from : 1; number <= total; ++number) {
            if (found.size() == protocol::kPartsWindow) return found;
            const PartRange range = range_of_part(number, size, part_size);
            found.push_back(sums[i].of(range.offset, range.size));
        }
    }
    return found;
}

}  // namespace herder
