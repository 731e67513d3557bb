#include "sim/stopwatch_clock.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(Stopwatch, NeverRunsBackwards) {
    const Stopwatch watch;
    const double first = watch.seconds();
    EXPECT_GE(first, 0);
    EXPECT_GE(watch.seconds(), first);
    EXPECT_GE(watch.cpu_seconds(), 0);
}

}  // namespace herder::sim
