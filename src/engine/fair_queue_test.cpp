#include "engine/fair_queue.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace herder {
namespace {

std::string drain(FairQueue<char>& queue) {
    std::string all;
    while (const auto item = queue.pop())
        all += *item;
    return all;
}

TEST(FairQueue, RanksInOrderAndOwnersInTurn) {
    FairQueue<char> queue(100);
    for (const char c : {'a', 'b', 'c'})
        queue.push(1, "greedy", c);
    queue.push(1, "modest", 'm');
    queue.push(0, "greedy", '!');
    EXPECT_TRUE(queue.has(1, "modest"));
    EXPECT_FALSE(queue.has(0, "modest"));
    EXPECT_EQ(drain(queue), "!ambc");
    EXPECT_FALSE(queue.has(1, "modest"));
}

TEST(FairQueue, WhatIsFullTakesNothingMore) {
    FairQueue<char> queue(2);
    EXPECT_TRUE(queue.push(0, "a", '1'));
    EXPECT_TRUE(queue.push(1, "a", '2'));
    EXPECT_FALSE(queue.push(0, "b", '3'));
    EXPECT_EQ(drain(queue), "12");
    EXPECT_TRUE(queue.push(0, "b", '3'));
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(queue.pop().has_value());
}

// For any traffic: nothing is lost or comes twice, each owner's order holds, and within a rank
// nobody is served twice while another waits since before.
TEST(FairQueue, HoldsForAnyTraffic) {
    struct Item {
        int rank = 0;
        std::string owner;
        int number = 0;
    };
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        RandomStream random(seed, "queue");
        FairQueue<Item> queue(1000);
        std::map<std::pair<int, std::string>, int> newest;
        std::map<std::pair<int, std::string>, int> skipped;
        std::size_t inside = 0;
        for (int i = 0; i < 300; ++i) {
            if (random.chance_per_million(600'000)) {
                const Item item{static_cast<int>(random.between(0, 2)),
                                std::to_string(random.between(0, 4)), i};
                ASSERT_TRUE(queue.push(item.rank, item.owner, item));
                ++inside;
            } else if (const auto item = queue.pop()) {
                --inside;
                const std::pair key{item->rank, item->owner};
                ASSERT_TRUE(!newest.contains(key) || newest[key] < item->number);
                newest[key] = item->number;
                skipped[key] = 0;
                for (int owner = 0; owner < 5; ++owner) {
                    const std::pair other{item->rank, std::to_string(owner)};
                    if (other != key && queue.has(other.first, other.second)) {
                        ASSERT_LT(++skipped[other], 5) << "seed " << seed;
                    }
                    if (other.second != item->owner && !queue.has(other.first, other.second))
                        skipped[other] = 0;
                }
                for (int rank = 0; rank < item->rank; ++rank) {
                    for (int owner = 0; owner < 5; ++owner)
                        ASSERT_FALSE(queue.has(rank, std::to_string(owner)));
                }
            }
            ASSERT_EQ(queue.size(), inside);
        }
    }
}

}  // namespace
}  // namespace herder
