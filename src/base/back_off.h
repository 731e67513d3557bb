#pragma once
// How long to wait after so many failures in a row.
#include <algorithm>

#include "base/time.h"

namespace herder {

// Twice as long each time, from `first` (after none) to `longest`.
constexpr Duration back_off(Duration first, int failures, Duration longest) {
    Duration pause = first;
    for (int i = 0; i < failures && Duration{} < pause && pause < longest; ++i)
        pause = pause * 2;
    return std::min(pause, longest);
}

}  // namespace herder
