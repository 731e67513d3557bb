#pragma once
// How an object is cut into parts for a multipart upload. Pure; the store's limits come in.
#include "base/bytes.h"

namespace herder {

// All parts but the last have the size returned. At least 16 MiB (fewer requests) and the store's
// own least, whole MiB, and so large that 80 % of the store's number of parts suffice. `size` > 0.
Bytes choose_part_size(Bytes size, Bytes least, int parts_max);

struct PartRange {
    Bytes offset;
    Bytes size;
    bool operator==(const PartRange&) const = default;
};
int count_parts(Bytes size, Bytes part_size);
// `number` from 1 to count_parts.
PartRange range_of_part(int number, Bytes size, Bytes part_size);

}  // namespace herder
