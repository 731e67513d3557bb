#include "base/digest.h"
#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct BucketCheckers : CheckerPlace {
    BucketCheckers() {
        add_bucket_checkers(checkers);
        objects.bucket().on_put = [this](const std::string& key, bool replaced) {
            for (const auto& checker : checkers)
                checker->on_object_put(sight(), key, replaced);
        };
        objects.bucket().on_abort = [this](const std::string& key) {
            for (const auto& checker : checkers)
                checker->on_upload_aborted(sight(), key);
        };
        objects.bucket().on_remove = [this](const std::string& key) {
            for (const auto& checker : checkers)
                checker->on_object_removed(sight(), key);
        };
    }
    static Checkpoint make_checkpoint(std::uint64_t id) {
        Checkpoint one;
        one.id = CheckpointId{id};
        one.attempt = {JobId{1}, Fence{1}};
        one.step = static_cast<std::int64_t>(id) * 10;
        one.name = make_checkpoint_name(one.step, one.attempt.fence, one.id);
        one.files = {{"state.bin", Bytes{4}, 7, 0644}};
        return one;
    }
    void tell(const Checkpoint& one) {
        state.checkpoints[one.id] = one;
        Commit made;
        made.changes.push_back({Table::kCheckpoint, to_text(one.id), ""});
        commit(made);
    }
    void tell_committed(Checkpoint one) {
        one.commit_seq = one.id.value;
        one.state = CheckpointState::kCommitted;
        one.manifest_sha256 = sha256_hex(to_manifest_text(one, one.commit_seq));
        tell(one);
    }
    void tell_state(std::uint64_t id, CheckpointState next) {
        Checkpoint one = state.checkpoints.at(CheckpointId{id});
        one.state = next;
        tell(one);
    }
    // As the commit path does it when all goes well.
    void store(std::uint64_t id) {
        const Checkpoint one = make_checkpoint(id);
        objects.place(one, {one.attempt, {}});
        objects.place_manifest(one, id);
        tell_committed(one);
    }
    // Whatever the bucket's habits are.
    void remove(std::uint64_t id, const std::string& object) {
        const std::string key = objects.folder_of(make_checkpoint(id)) + object;
        while (objects.bucket().object(key) != nullptr) {
            if (!objects.bucket().remove(key)) stage.schedule.run_next(stage.now() + minutes(3));
        }
    }
    void end() {
        for (const auto& checker : checkers)
            checker->on_end(sight());
    }
    static constexpr const char* kReadable = "17 checkpoint-readable";
};

TEST_F(BucketCheckers, OneThatWaitsForItsCommitInTheEndIsSeen) {
    Checkpoint one = make_checkpoint(1);
    one.state = CheckpointState::kCommitting;
    tell(one);
    end();
    EXPECT_TRUE(is_violated("47 commits-end"));
}

TEST_F(BucketCheckers, OneThatTheStoreDeniedMayBeGivenUp) {
    Checkpoint one = make_checkpoint(1);
    objects.begin(one, {one.attempt, {}});
    objects.bucket().deny(objects.folder_of(one) + "o/0000");
    one.state = CheckpointState::kCommitting;
    one.asks = 30;
    tell(one);
    one.state = CheckpointState::kAborted;
    one.asks = 0;
    tell(one);
    end();
    EXPECT_TRUE(stage.violations.empty());
    EXPECT_EQ(stage.marks.hits(Mark::kDenialGivenUp), 1U);
}

TEST_F(BucketCheckers, WhatIsStoredAndThenToldIsFine) {
    for (std::uint64_t id = 1; id <= 3; ++id)
        store(id);
    tell_state(1, CheckpointState::kDeleting);
    remove(1, "manifest.json");
    remove(1, "o/0000");
    tell_state(1, CheckpointState::kDeleted);
    end();
    EXPECT_TRUE(stage.violations.empty()) << stage.violations.front().detail;
}

TEST_F(BucketCheckers, CommitWithoutManifestIsSeen) {
    const Checkpoint one = make_checkpoint(1);
    objects.place(one, {one.attempt, {}});
    tell_committed(one);
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, CommitOfAnotherManifestIsSeen) {
    const Checkpoint one = make_checkpoint(1);
    objects.place(one, {one.attempt, {}});
    objects.place_manifest(one, 9);
    tell_committed(one);
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, ManifestBeforeItsObjectsIsSeen) {
    const Checkpoint one = make_checkpoint(1);
    objects.begin(one, {one.attempt, {}});
    objects.place_manifest(one, 1);
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, CommitOfAnotherSizeIsSeen) {
    Checkpoint one = make_checkpoint(1);
    objects.place(one, {one.attempt, {}});
    objects.place_manifest(one, 1);
    EXPECT_TRUE(stage.violations.empty());
    one.files[0].size = Bytes{5};
    objects.begin(one, {one.attempt, {}});
    tell_committed(one);
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, DamageThatIsCalledVerifiedIsSeen) {
    Checkpoint one = make_checkpoint(1);
    objects.place(one, {one.attempt, {}});
    objects.place_manifest(one, 1);
    one.files[0].crc32c = 8;
    objects.begin(one, {one.attempt, {}});
    one.verified = true;
    tell_committed(one);
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, DeletionOfWhatIsCommittedIsSeen) {
    for (std::uint64_t id = 1; id <= 3; ++id)
        store(id);
    remove(1, "manifest.json");
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, DeletionOfOneOfTheLastTwoIsSeen) {
    store(1);
    store(2);
    tell_state(1, CheckpointState::kDeleting);
    remove(1, "manifest.json");
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, WhatGoesByRightMayGoOnGoing) {
    for (std::uint64_t id = 1; id <= 3; ++id)
        store(id);
    Checkpoint oldest = state.checkpoints.at(CheckpointId{1});
    oldest.state = CheckpointState::kDeleting;
    oldest.manifest_sha256.clear();
    tell(oldest);
    Checkpoint newest = state.checkpoints.at(CheckpointId{3});
    newest.quarantined = true;
    tell(newest);
    remove(1, "manifest.json");
    EXPECT_TRUE(stage.violations.empty());
}

TEST_F(BucketCheckers, DeletionThatIsAskedForOfOneOfTheLastTwoIsSeen) {
    store(1);
    store(2);
    Checkpoint oldest = state.checkpoints.at(CheckpointId{1});
    oldest.state = CheckpointState::kDeleting;
    oldest.manifest_sha256.clear();
    tell(oldest);
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, ObjectsThatGoBeforeTheirManifestAreSeen) {
    for (std::uint64_t id = 1; id <= 3; ++id)
        store(id);
    tell_state(1, CheckpointState::kDeleting);
    remove(1, "o/0000");
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, WritingOverAnObjectIsSeen) {
    store(1);
    objects.bucket().place(objects.folder_of(make_checkpoint(1)) + "o/0000", {Bytes{4}, 7, "", {}});
    EXPECT_TRUE(is_violated(kReadable));
}

TEST_F(BucketCheckers, UploadThatIsDroppedOnItsWayIsSeen) {
    Checkpoint one = make_checkpoint(1);
    objects.begin(one, {one.attempt, {}});
    FakeBucket& bucket = objects.bucket();
    const std::string key = objects.folder_of(one) + "o/0000";
    const auto drop = [&] {
        while (!bucket.create(key)) {
        }
        while (!bucket.uploads().empty()) {
            if (!bucket.abort({key, bucket.uploads().begin()->first, {}}))
                stage.schedule.run_next(stage.now() + minutes(3));
        }
    };
    one.state = CheckpointState::kAborted;
    tell(one);
    drop();
    EXPECT_FALSE(is_violated("45 no-upload-dropped"));
    tell_state(1, CheckpointState::kUploading);
    drop();
    EXPECT_TRUE(is_violated("45 no-upload-dropped"));
}

TEST_F(BucketCheckers, WhatTheStoreChangesByItselfIsNobodysFault) {
    const auto& count = stage.faults.counts()[static_cast<std::size_t>(Fault::kObjectReplaced)];
    std::uint64_t id = 0;
    while (count < 5) {
        store(++id);
        objects.expose(CheckpointId{id});
        ASSERT_LT(id, 5'000U) << "the fault is on in seed 1";
    }
    while (stage.schedule.run_next(stage.now() + hours(2))) {
    }
    EXPECT_FALSE(objects.is_whole(CheckpointId{id}));
    end();
    EXPECT_TRUE(stage.violations.empty()) << stage.violations.front().detail;
}

TEST_F(BucketCheckers, PartThatIsSentInVainIsSeen) {
    for (const auto& checker : checkers)
        checker->on_part_in_vain(sight(), "v1/j1/a/o/0000");
    EXPECT_TRUE(is_violated("51 no-part-in-vain"));
}

TEST_F(BucketCheckers, WhatIsLeftInTheEndIsSeen) {
    const Checkpoint one = make_checkpoint(1);
    objects.place(one, {one.attempt, {}});
    tell(one);
    end();
    EXPECT_FALSE(is_violated("44 nothing-left"));
    tell_state(1, CheckpointState::kDeleted);
    end();
    EXPECT_TRUE(is_violated("44 nothing-left"));
}

}  // namespace

}  // namespace herder::sim
