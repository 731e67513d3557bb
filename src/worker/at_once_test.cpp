#include "worker/at_once.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace herder {
namespace {

TEST(AtOnce, TakesEachOnce) {
    std::vector<std::atomic<int>> taken(1000);
    each_at_once(taken.size(), 8, [&](std::size_t i) { ++taken[i]; });
    for (const auto& times : taken)
        EXPECT_EQ(times, 1);
    each_at_once(0, 8, [&](std::size_t) { FAIL(); });
}

// Nobody goes on before all of them are there.
TEST(AtOnce, SeveralAreUnderWay) {
    std::mutex mutex;
    std::condition_variable changed;
    int there = 0;
    each_at_once(3, 8, [&](std::size_t) {
        std::unique_lock lock(mutex);
        ++there;
        changed.notify_all();
        changed.wait(lock, [&] { return there == 3; });
    });
    EXPECT_EQ(there, 3);
}

}  // namespace
}  // namespace herder
