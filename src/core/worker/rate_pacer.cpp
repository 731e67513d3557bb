#include "core/worker/rate_pacer.h"

#include <algorithm>

namespace herder {

Duration RatePacer::admit(Bytes size, Instant now) {
    if (per_second_.count <= 0) return Duration{};
    // What was not used in a pause is not saved up.
    const Instant starts = std::max(free_from_, now);
    free_from_ = starts + microseconds(size.count * 1'000'000 / per_second_.count);
    return starts - now;
}

}  // namespace herder
