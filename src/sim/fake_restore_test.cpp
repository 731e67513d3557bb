#include "sim/fake_restore.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

using worker_input::RestoreResult;

Checkpoint make_checkpoint() {
    Checkpoint one;
    one.id = CheckpointId{17};
    one.attempt = {JobId{3}, Fence{2}};
    one.name = make_checkpoint_name(500, one.attempt.fence, one.id);
    one.files = {{"state.bin", Bytes{4}, 7, 0644}, {"random.bin", Bytes{2}, 9, 0644}};
    return one;
}

// Nothing strikes but, where it is given, one fault in every reading of a seed.
struct Place {
    explicit Place(Fault fault = Fault::kCount) : stage(find_seed(fault), all_but(fault), false) {
        objects.place(one, {one.attempt, {}});
        objects.place_manifest(one, 1);
    }
    static std::set<Fault> all_but(Fault fault) {
        std::set<Fault> off;
        for (int i = 0; i < kFaultCount; ++i) {
            if (static_cast<Fault>(i) != fault) off.insert(static_cast<Fault>(i));
        }
        return off;
    }
    static std::uint64_t find_seed(Fault fault) {
        std::uint64_t seed = 1;
        while (fault != Fault::kCount && FaultPlan(seed, {}).intensity(fault) < 0.8)
            ++seed;
        return seed;
    }
    RestoreResult read(const FakeRestore::Reader& reader) {
        FakeRestore restore(stage, objects, reader);
        const auto ended = restore.read(one.id);
        is_right = restore.is_right();
        return ended.result;
    }
    std::string key(const char* object) { return objects.folder_of(one) + object; }

    Stage stage;
    FakeObjects objects{stage};
    Checkpoint one = make_checkpoint();
    bool is_right = false;
};

TEST(FakeRestore, WhatIsThereIsReadBack) {
    Place place;
    EXPECT_EQ(place.read({70}), RestoreResult::kOk);
    EXPECT_TRUE(place.is_right);
    EXPECT_TRUE(place.objects.find(place.one.id)->was_restored);
}

TEST(FakeRestore, WhatTheStoreLostIsWorthNothing) {
    Place place;
    place.objects.bucket().lose(place.key("o/0001"));
    EXPECT_EQ(place.read({70}), RestoreResult::kCorrupt);
    EXPECT_EQ(place.stage.marks.hits(Mark::kReadGone), 1U);
    EXPECT_EQ(place.objects.find(place.one.id)->unread_on, std::set<std::int64_t>{70});
    EXPECT_EQ(place.read({71, false, Mutant::kGoneIsFailed}), RestoreResult::kFailed);
    EXPECT_FALSE(place.is_right);
}

TEST(FakeRestore, OtherBytesOfTheSameSizeAreWorthNothing) {
    Place place;
    place.objects.bucket().replace(place.key("o/0000"));
    EXPECT_EQ(place.read({70}), RestoreResult::kCorrupt);
    EXPECT_EQ(place.read({71, false, Mutant::kSizeIsEnough}), RestoreResult::kOk);
    EXPECT_FALSE(place.is_right) << "whatever the machine thinks";
    EXPECT_FALSE(place.objects.find(place.one.id)->was_restored);
}

TEST(FakeRestore, SomeMachinesMisreadWhatOthersCanRead) {
    Place place;
    EXPECT_EQ(place.read({70, true}), RestoreResult::kCorrupt);
    EXPECT_EQ(place.read({71}), RestoreResult::kOk);
}

TEST(FakeRestore, DamageOnTheWayIsReadOnceMore) {
    Place place(Fault::kReadDamaged);
    int failed = 0;
    for (int i = 0; i < 1'000; ++i)
        failed += place.read({70}) == RestoreResult::kOk ? 0 : 1;
    EXPECT_GT(place.stage.marks.hits(Mark::kReadHealed), 50U);
    EXPECT_GT(failed, 0) << "twice in a row";
    EXPECT_LT(failed, 300);
}

TEST(FakeRestore, AStoreThatDoesNotAnswerIsAskedAgain) {
    Place place(Fault::kStoreFails);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(place.read({70}), RestoreResult::kOk);
    EXPECT_GT(place.stage.faults.counts()[static_cast<std::size_t>(Fault::kStoreFails)], 0U);
}

}  // namespace

}  // namespace herder::sim
