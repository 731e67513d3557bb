#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

constexpr const char* kStays = "48 last-verified";

struct VerifiedChecker : CheckerPlace {
    VerifiedChecker() { add_verified_checkers(checkers); }

    static Checkpoint make_checkpoint(std::uint64_t id) {
        Checkpoint one;
        one.id = CheckpointId{id};
        one.attempt = {JobId{1}, Fence{1}};
        one.step = static_cast<std::int64_t>(id) * 10;
        one.name = make_checkpoint_name(one.step, one.attempt.fence, one.id);
        one.files = {{"state.bin", Bytes{4}, 7, 0644}};
        one.commit_seq = id;
        one.state = CheckpointState::kCommitted;
        one.manifest_sha256 = "text";
        return one;
    }
    void tell(const Checkpoint& one) {
        state.checkpoints[one.id] = one;
        Commit made;
        made.changes.push_back({Table::kCheckpoint, to_text(one.id), ""});
        commit(made);
    }
    // Whole, or of other bytes.
    Checkpoint store(std::uint64_t id, bool is_whole, bool is_verified) {
        Checkpoint one = make_checkpoint(id);
        one.verified = is_verified;
        objects.place(one, {one.attempt, {}});
        if (!is_whole) objects.bucket().replace(objects.folder_of(one) + "o/0000");
        objects.place_manifest(one, id);
        tell(one);
        return one;
    }
    void ask_for_deletion(std::uint64_t id) {
        Checkpoint one = state.checkpoints.at(CheckpointId{id});
        one.state = CheckpointState::kDeleting;
        one.manifest_sha256.clear();
        tell(one);
    }
    void remove_unasked(std::uint64_t id) {
        const std::string key = objects.folder_of(make_checkpoint(id)) + "manifest.json";
        for (const auto& checker : checkers)
            checker->on_object_removed(sight(), key);
    }
};

TEST_F(VerifiedChecker, OlderThanTheLastTwoMayGo) {
    ASSERT_TRUE(objects.bucket().tells_checksums());
    for (std::uint64_t id = 1; id <= 3; ++id)
        store(id, true, true);
    ask_for_deletion(1);
    EXPECT_TRUE(stage.violations.empty());
    ask_for_deletion(2);
    EXPECT_TRUE(is_violated(kStays));
}

TEST_F(VerifiedChecker, NewerOnesThatNobodyComparedDoNotCount) {
    store(1, true, true);
    for (std::uint64_t id = 2; id <= 6; ++id)
        store(id, false, false);
    ask_for_deletion(2);
    EXPECT_TRUE(stage.violations.empty());
    EXPECT_EQ(stage.marks.hits(Mark::kVerifiedKept), 1U);
    remove_unasked(1);
    EXPECT_TRUE(is_violated(kStays));
}

TEST_F(VerifiedChecker, NewerOnesInDoubtDoNotCount) {
    for (std::uint64_t id = 1; id <= 3; ++id)
        store(id, true, true);
    Checkpoint newest = state.checkpoints.at(CheckpointId{3});
    newest.doubted_by = IntentId{9};
    tell(newest);
    ask_for_deletion(1);
    EXPECT_TRUE(is_violated(kStays));
}

TEST_F(VerifiedChecker, OneInDoubtMayGo) {
    Checkpoint one = store(1, true, true);
    one.quarantined = true;
    tell(one);
    ask_for_deletion(1);
    EXPECT_TRUE(stage.violations.empty());
}

TEST_F(VerifiedChecker, AMachineThatRestoredItIsAWitness) {
    Checkpoint one = store(1, false, false);
    objects.note_restored(one.id);
    one.verified = true;
    tell(one);
    EXPECT_TRUE(stage.violations.empty());
    ask_for_deletion(1);
    EXPECT_TRUE(is_violated(kStays));
}

TEST_F(VerifiedChecker, WhatNobodyComparedIsNotVerified) {
    store(1, false, true);
    EXPECT_TRUE(is_violated(kStays));
}

}  // namespace

}  // namespace herder::sim
