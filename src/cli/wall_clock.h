#pragma once
// The time of day, for "3m ago" and for names. The one place of this module that reads a clock.
#include "base/time.h"

namespace herder::cli {

WallTime wall_now();

}  // namespace herder::cli
