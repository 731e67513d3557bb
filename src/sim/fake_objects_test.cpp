#include "sim/fake_objects.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(FakeObjects, ManifestNeedsTheObjects) {
    std::set<Fault> off{Fault::kObjectMissing, Fault::kRestoreMismatch};
    Stage stage(1, off, false);
    FakeObjects objects(stage);
    EXPECT_FALSE(objects.write_manifest(CheckpointId{1}));
    objects.put(CheckpointId{1}, {});
    EXPECT_TRUE(objects.write_manifest(CheckpointId{1}));
    EXPECT_TRUE(objects.is_readable(CheckpointId{1}));
    objects.remove(CheckpointId{1});
    EXPECT_FALSE(objects.is_readable(CheckpointId{1}));
}

TEST(FakeObjects, FirstOutcomeStays) {
    Stage stage(1, {}, false);
    FakeObjects objects(stage);
    const AttemptKey key{JobId{1}, Fence{1}};
    EXPECT_FALSE(objects.outcome(key));
    objects.put_outcome(key, {EndReason::kSucceeded, 0, ""});
    objects.put_outcome(key, {EndReason::kUserError, 1, ""});
    EXPECT_EQ(objects.outcome(key)->reason, EndReason::kSucceeded);
}

}  // namespace herder::sim
