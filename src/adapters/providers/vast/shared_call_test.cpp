#include "adapters/providers/vast/shared_call.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace herder::vast {
namespace {

TEST(SharedCall, AloneEveryCallIsMade) {
    SharedCall<int> shared;
    int made = 0;
    const auto make = [&]() -> Result<int> { return ++made; };
    EXPECT_EQ(*shared.get(make), 1);
    EXPECT_EQ(*shared.get(make), 2);
}

TEST(SharedCall, AnErrorIsSharedAndNotKept) {
    SharedCall<int> shared;
    EXPECT_FALSE(shared.get([]() -> Result<int> { return unavailable("down"); }));
    EXPECT_EQ(*shared.get([]() -> Result<int> { return 5; }), 5);
}

TEST(SharedCall, WhoAsksMeanwhileGetsTheNextOneAndAllOfThemTheSame) {
    SharedCall<int> shared;
    std::atomic<int> made = 0;
    std::promise<void> began;
    std::promise<void> go_on;
    const auto make = [&]() -> Result<int> {
        const int number = ++made;
        if (number == 1) {
            began.set_value();
            go_on.get_future().wait();
        }
        return number;
    };
    auto first = std::async(std::launch::async, [&] { return *shared.get(make); });
    began.get_future().wait();
    std::vector<std::future<int>> others;
    for (int i = 0; i < 8; ++i) {
        others.push_back(std::async(std::launch::async, [&] { return *shared.get(make); }));
    }
    while (shared.waiting() < 8)
        std::this_thread::yield();
    go_on.set_value();
    EXPECT_EQ(first.get(), 1);
    for (std::future<int>& other : others)
        EXPECT_EQ(other.get(), 2) << "never an answer that began before the question";
    EXPECT_EQ(made.load(), 2) << "one for all of them";
}

}  // namespace
}  // namespace herder::vast
