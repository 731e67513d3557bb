#include "sim/fake_objects.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

Checkpoint make_checkpoint(std::uint64_t id) {
    Checkpoint one;
    one.id = CheckpointId{id};
    one.attempt = {JobId{3}, Fence{2}};
    one.name = make_checkpoint_name(500, one.attempt.fence, one.id);
    one.files = {{"state.bin", Bytes{4}, 7, 0644}};
    return one;
}

struct Objects : testing::Test {
    Stage stage{1, {Fault::kRestoreMismatch}, false};
    FakeObjects objects{stage};
};

TEST_F(Objects, CheckpointIsWhatLiesInTheBucket) {
    const Checkpoint one = make_checkpoint(17);
    const std::string folder = objects.folder_of(one);
    EXPECT_EQ(folder, "v1/j3/000000000500-a000002-k17/");
    objects.begin(one, {one.attempt, {}});
    EXPECT_FALSE(objects.is_complete(one.id));
    objects.bucket().place(folder + "o/0000", {Bytes{4}, 8, "", {}});
    EXPECT_TRUE(objects.is_complete(one.id));
    EXPECT_FALSE(objects.is_whole(one.id)) << "its checksum is another";
    objects.bucket().place(folder + "o/0000", {Bytes{4}, 7, "", {}});
    EXPECT_TRUE(objects.is_readable(one.id));
    EXPECT_EQ(objects.owner_of(folder + "o/0000"), one.id);
    EXPECT_EQ(objects.owner_of(folder + "manifest.json"), one.id);
    EXPECT_FALSE(objects.owner_of("v1/j3/job.json"));
}

TEST_F(Objects, ManifestIsReadBack) {
    const Checkpoint one = make_checkpoint(17);
    objects.begin(one, {one.attempt, {}});
    EXPECT_FALSE(objects.manifest(one.id));
    objects.place_manifest(one, 5);
    EXPECT_EQ(objects.manifest(one.id), (StoredManifest{one.id, JobId{3}, Fence{2}, 5}));
    EXPECT_FALSE(parse_manifest("j3"));
}

TEST_F(Objects, ArrivedIsWhatPartsOfOneUploadMakeUp) {
    Checkpoint one = make_checkpoint(17);
    one.files[0] = {"state.bin", Bytes{0}, 0, 0644};
    const UploadPart part{1, Bytes{5}, "", 99};
    const StoredObject whole = join_parts({part});
    one.files[0].size = whole.size;
    one.files[0].crc32c = whole.crc32c;
    objects.begin(one, {one.attempt, {}});
    FakeBucket& bucket = objects.bucket();
    Result<std::string> upload = unavailable("");
    while (!upload)
        upload = bucket.create(objects.folder_of(one) + "o/0000");
    while (!bucket.receive(*upload, part))
        ASSERT_TRUE(stage.schedule.run_next(stage.now() + minutes(3)));
    objects.before_look(one.id);
    EXPECT_TRUE(objects.find(one.id)->had_arrived);
}

TEST_F(Objects, WhatCameAfterTheFirstLookHadNotArrived) {
    Checkpoint one = make_checkpoint(17);
    const StoredObject whole = join_parts({{1, Bytes{5}, "", 99}});
    one.files[0] = {"state.bin", whole.size, whole.crc32c, 0644};
    objects.begin(one, {one.attempt, {}});
    objects.before_look(one.id);
    objects.place(one, {one.attempt, {}});
    objects.before_look(one.id);
    EXPECT_FALSE(objects.find(one.id)->had_arrived);
}

TEST_F(Objects, StoreLosesAndChangesWhatIsCommitted) {
    std::set<Fault> off;
    for (int i = 0; i < kFaultCount; ++i)
        off.insert(static_cast<Fault>(i));
    off.erase(Fault::kObjectLost);
    off.erase(Fault::kObjectReplaced);
    std::uint64_t seed = 1;
    while (FaultPlan(seed, off).classes_on().size() < 2)
        ++seed;
    Stage bad(seed, off, false);
    FakeObjects exposed(bad);
    int without_manifest = 0;
    int incomplete = 0;
    int changed = 0;
    for (std::uint64_t id = 1; id <= 2'000; ++id) {
        const Checkpoint one = make_checkpoint(id);
        exposed.place(one, {one.attempt, {}});
        exposed.place_manifest(one, id);
        exposed.expose(one.id);
    }
    while (bad.schedule.run_next(bad.now() + hours(2))) {
    }
    for (std::uint64_t id = 1; id <= 2'000; ++id) {
        const CheckpointId one{id};
        const StoredCheckpoint& stored = *exposed.find(one);
        without_manifest += exposed.manifest(one) ? 0 : 1;
        incomplete += exposed.is_complete(one) ? 0 : 1;
        changed += exposed.is_complete(one) && !exposed.is_whole(one) ? 1 : 0;
        EXPECT_EQ(exposed.manifest(one).has_value(), !stored.has_lost_manifest);
        EXPECT_EQ(exposed.is_whole(one), !stored.is_harmed);
    }
    EXPECT_GT(without_manifest, 0);
    EXPECT_GT(incomplete, 0);
    EXPECT_GT(changed, 0);
}

TEST_F(Objects, FirstOutcomeStays) {
    const AttemptKey key{JobId{1}, Fence{1}};
    EXPECT_FALSE(objects.outcome(key));
    objects.put_outcome(key, {EndReason::kSucceeded, 0, ""});
    objects.put_outcome(key, {EndReason::kUserError, 1, ""});
    EXPECT_EQ(objects.outcome(key)->reason, EndReason::kSucceeded);
}

}  // namespace

}  // namespace herder::sim
