#include "worker/at_once.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace herder {

void each_at_once(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t index)>& with) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++)
            with(i);
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::min(threads, count); ++i)
        others.emplace_back(work);
    work();
    for (std::thread& thread : others)
        thread.join();
}

}  // namespace herder
