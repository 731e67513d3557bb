#include "worker/part_checksums.h"

#include <algorithm>
#include <fstream>

#include "base/digest.h"
#include "core/checkpoints/part_plan.h"

namespace herder {

namespace {

constexpr std::int64_t kBlock = 1 << 20;

Result<std::uint32_t> checksum_of(std::ifstream& file, const PartRange& range) {
    std::string block(static_cast<std::size_t>(std::min(kBlock, range.size.count)), '\0');
    std::uint32_t crc = 0;
    file.seekg(range.offset.count);
    for (std::int64_t left = range.size.count; left > 0;) {
        const std::int64_t wanted = std::min(kBlock, left);
        if (!file.read(block.data(), wanted)) return not_found("it is gone or shorter than it was");
        crc = crc32c(std::string_view(block).substr(0, static_cast<std::size_t>(wanted)), crc);
        left -= wanted;
    }
    return crc;
}

}  // namespace

Result<std::vector<std::uint32_t>> part_checksums(const std::string& path, Bytes size,
                                                  const protocol::PartRules& rules, int from) {
    if (size.count <= 0 || rules.parts_max < 1) return invalid("a file without parts: " + path);
    const Bytes part_size = choose_part_size(size, rules.size_min, rules.parts_max);
    const int end = std::min(from + protocol::kPartsWindow, count_parts(size, part_size) + 1);
    std::ifstream file(path, std::ios::binary);
    std::vector<std::uint32_t> found;
    for (int number = from; number < end; ++number) {
        const auto crc = checksum_of(file, range_of_part(number, size, part_size));
        if (!crc) return crc.error().with_context("reading " + path);
        found.push_back(*crc);
    }
    return found;
}

}  // namespace herder
