#include "cli/wall_clock.h"

#include <chrono>

namespace herder::cli {

WallTime wall_now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

}  // namespace herder::cli
