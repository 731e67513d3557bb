#pragma once
// A time in which a host takes its machine down, announced beforehand. A job leaves before it
// begins, and nothing is rented there until it is over.
#include <cstdint>

#include "base/time.h"

namespace herder {

// As the provider tells it, counted from the moment of its answer.
struct Maintenance {
    std::int64_t machine = 0;
    Duration begins_in;  // negative: it has begun
    Duration lasts;
    bool operator==(const Maintenance&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.machine);
        v(2, s.begins_in);
        v(3, s.lasts);
    }
};

}  // namespace herder
