#include "core/worker/checkpoint_slot.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

CheckpointOffer offer(std::uint64_t seq, std::int64_t step) {
    CheckpointOffer made;
    made.local_seq = seq;
    made.step = step;
    return made;
}

TEST(CheckpointSlot, GrantsOnlyTheCurrentOneOnce) {
    CheckpointSlot slot;
    slot.found(offer(1, 10));
    EXPECT_FALSE(slot.granted({}, {{1}, 2, "x"}));
    EXPECT_TRUE(slot.granted({}, {{1}, 1, "x"}));
    EXPECT_FALSE(slot.granted({}, {{1}, 1, "x"}));
}

TEST(CheckpointSlot, PromotesTheNewestWhenTheCurrentIsSettled) {
    CheckpointSlot slot;
    EXPECT_FALSE(slot.found(offer(1, 10)));
    EXPECT_FALSE(slot.found(offer(2, 20)));
    EXPECT_EQ(slot.found(offer(3, 30)), 2U);
    EXPECT_EQ(slot.settled(1), 1U);
    EXPECT_EQ(slot.offer()->local_seq, 3U);
    EXPECT_FALSE(slot.settled(1));
}

TEST(CheckpointSlot, RefusesAStepThatIsNotNewer) {
    CheckpointSlot slot;
    slot.begin_after(100);
    EXPECT_EQ(slot.found(offer(1, 100)), 1U);
    EXPECT_TRUE(slot.is_empty());
}

TEST(CheckpointSlot, IgnoresTheEndOfAnUploadThatItDidNotStart) {
    CheckpointSlot slot;
    slot.found(offer(1, 10));
    EXPECT_FALSE(slot.uploaded(1));
    EXPECT_FALSE(slot.offer()->sealed);
}

}  // namespace
}  // namespace herder
