#include "core/checkpoints/part_plan.h"

#include <algorithm>

#include "base/assert.h"

namespace herder {

namespace {

constexpr std::int64_t kMebibyte = 1 << 20;
constexpr std::int64_t kPartSizeLeast = 16 * kMebibyte;

std::int64_t round_up(std::int64_t value, std::int64_t step) {
    return (value + step - 1) / step * step;
}

}  // namespace

Bytes choose_part_size(Bytes size, Bytes least, int parts_max) {
    HERDER_ASSERT(size.count > 0 && parts_max > 0);
    const std::int64_t parts = std::max<std::int64_t>(1, std::int64_t{parts_max} * 8 / 10);
    const std::int64_t needed = (size.count + parts - 1) / parts;
    return {round_up(std::max({needed, least.count, kPartSizeLeast}), kMebibyte)};
}

int count_parts(Bytes size, Bytes part_size) {
    HERDER_ASSERT(part_size.count > 0);
    return static_cast<int>((size.count + part_size.count - 1) / part_size.count);
}

PartRange range_of_part(int number, Bytes size, Bytes part_size) {
    HERDER_ASSERT(number >= 1 && number <= count_parts(size, part_size));
    const std::int64_t offset = (number - 1) * part_size.count;
    return {Bytes{offset}, Bytes{std::min(part_size.count, size.count - offset)}};
}

}  // namespace herder
