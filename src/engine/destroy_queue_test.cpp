#include "engine/destroy_queue.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

effect::DestroyMachine machine(std::int64_t number, std::int64_t micros = 0) {
    return {IntentId{static_cast<std::uint64_t>(number)}, ContractId{number}, {micros}};
}

std::vector<std::int64_t> contracts(const DestroyBatch& batch) {
    std::vector<std::int64_t> all;
    for (const effect::DestroyMachine& one : batch.machines)
        all.push_back(one.contract.value);
    return all;
}

void fill(DestroyQueue& queue, std::int64_t count) {
    for (std::int64_t i = 1; i <= count; ++i)
        queue.add(machine(i));
}

TEST(DestroyQueue, AFewGoOneByOneTheDearestFirst) {
    DestroyQueue queue;
    queue.add(machine(1, 100));
    queue.add(machine(2, 900));
    queue.add(machine(3, 500));
    for (const std::int64_t expected : {2, 3, 1}) {
        const DestroyBatch batch = queue.take();
        EXPECT_FALSE(batch.together);
        EXPECT_EQ(contracts(batch), std::vector{expected});
    }
    EXPECT_TRUE(queue.take().machines.empty());
}

TEST(DestroyQueue, AMachineWaitsOnce) {
    DestroyQueue queue;
    queue.add(machine(1));
    queue.add(machine(1));
    EXPECT_EQ(queue.take().machines.size(), 1U);
    EXPECT_TRUE(queue.empty());
}

TEST(DestroyQueue, FiveHundredGoInFiveCalls) {
    DestroyQueue queue;
    fill(queue, 500);
    for (int i = 0; i < 5; ++i) {
        const DestroyBatch batch = queue.take();
        EXPECT_TRUE(batch.together);
        EXPECT_EQ(batch.machines.size(), 100U);
    }
    EXPECT_TRUE(queue.empty());
}

TEST(DestroyQueue, ADestructionThatWasOnlyClaimedTwiceGetsACallOfItsOwn) {
    DestroyQueue queue;
    for (int i = 0; i < 2; ++i) {
        fill(queue, 6);
        EXPECT_TRUE(queue.take().together);
    }
    fill(queue, 6);
    const DestroyBatch batch = queue.take();
    EXPECT_FALSE(batch.together);
    EXPECT_EQ(batch.machines.size(), 1U);
}

TEST(DestroyQueue, AMarketWithoutACallForManyIsAskedOneByOne) {
    DestroyQueue queue;
    fill(queue, 6);
    queue.refuse_together(queue.take());
    for (int i = 0; i < 6; ++i) {
        const DestroyBatch batch = queue.take();
        EXPECT_FALSE(batch.together);
        EXPECT_EQ(batch.machines.size(), 1U);
    }
    EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace herder
