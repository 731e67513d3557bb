// Retired and aborted checkpoints, until the store has let go of them.
#include <gtest/gtest.h>

#include "base/record.h"
#include "core/step/core_fixture.h"
#include "core/step/steps.h"

namespace herder {
namespace {

// A running job that keeps two: of its first three checkpoints the oldest is to go.
struct Deletions : ::testing::Test {
    Deletions() {
        bench.list({});
        JobSpec spec = make_spec();
        spec.checkpoint.keep_last = 2;
        job = bench.submit(spec);
        bench.offer({make_offer(101, 200'000)});
        bench.create_done();
        HERDER_ASSERT(bench.join().has_value());
        bench.report({});
        oldest = publish(bench, 1, 10);
        second = publish(bench, 2, 20);
        publish(bench, 3, 30);
    }
    const Checkpoint& one(CheckpointId id) const { return bench.state().checkpoints.at(id); }
    void answer(CheckpointId id, input::CallOutcome outcome, bool denied = false) {
        bench.feed(input::ObjectsDeleted{
            id, outcome, denied ? "deleting v1/x: 403 AccessDenied" : "503", denied});
    }
    void deny(CheckpointId id) { answer(id, input::CallOutcome::kUnknown, true); }
    // How long until the store is asked again, to a minute.
    Duration wait() {
        const Instant began = bench.now;
        for (int i = 0; i < 3000; ++i) {
            bench.tick(minutes(1));
            if (bench.asks_for<effect::DeleteObjects>()) break;
        }
        return bench.now - began;
    }
    Bench bench;
    Settings settings;
    JobId job;
    CheckpointId oldest;
    CheckpointId second;
};

TEST_F(Deletions, RetiredObjectsAreDeletedAfterAGraceUntilTheStoreConfirms) {
    ASSERT_EQ(one(oldest).state, CheckpointState::kDeleting);
    EXPECT_FALSE(bench.asks_for<effect::DeleteObjects>());
    for (int round = 0; round < 2; ++round) {
        bench.tick(settings.tombstone_grace + seconds(1));
        EXPECT_TRUE(bench.asks_for<effect::DeleteObjects>()) << round;
    }
    answer(oldest, input::CallOutcome::kUnknown);
    EXPECT_EQ(one(oldest).state, CheckpointState::kDeleting);
    EXPECT_EQ(one(oldest).trouble, "503");
    answer(oldest, input::CallOutcome::kDone);
    EXPECT_EQ(one(oldest).state, CheckpointState::kDeleted);
    EXPECT_EQ(one(oldest).trouble, "");
    EXPECT_FALSE(bench.state().open_checkpoints.contains(oldest));
}

TEST_F(Deletions, WhatIsDeniedIsAskedForLessAndLessOften) {
    std::vector<Duration> waits;
    for (int tries = 0; tries < 8; ++tries) {
        waits.push_back(wait());
        deny(oldest);
    }
    EXPECT_GE(waits[0], settings.tombstone_grace - minutes(1));
    EXPECT_LE(waits[0], settings.tombstone_grace + minutes(1));
    for (std::size_t i = 2; i < 5; ++i)
        EXPECT_GT(waits[i], waits[i - 1] + waits[i - 1] / 2) << i;
    EXPECT_GE(waits.back(), settings.delete_retry_max - minutes(1));
    EXPECT_LE(waits.back(), settings.delete_retry_max + minutes(2));
    EXPECT_NE(one(oldest).trouble.find("403 AccessDenied"), std::string::npos);
    answer(oldest, input::CallOutcome::kDone);
    EXPECT_EQ(one(oldest).state, CheckpointState::kDeleted);
    EXPECT_EQ(one(oldest).asks, 0);
}

TEST_F(Deletions, AStoreThatIsAwayIsAskedAsBefore) {
    wait();
    for (int tries = 0; tries < 5; ++tries) {
        answer(oldest, input::CallOutcome::kUnknown);
        EXPECT_FALSE(bench.has_event("checkpoint.undeletable"));
        EXPECT_LE(wait(), settings.tombstone_grace + minutes(1));
    }
}

TEST_F(Deletions, PeopleAreToldOnceForAJob) {
    const CheckpointId third = *std::next(bench.state().checkpoints_of.at(job).begin(), 2);
    publish(bench, 4, 40);
    publish(bench, 5, 50);
    ASSERT_EQ(one(third).state, CheckpointState::kDeleting);
    wait();
    deny(oldest);
    EXPECT_TRUE(bench.has_event("checkpoint.undeletable"));
    deny(oldest);
    EXPECT_FALSE(bench.has_event("checkpoint.undeletable"));
    deny(second);
    EXPECT_FALSE(bench.has_event("checkpoint.undeletable")) << "the first one waits still";
    EXPECT_NE(one(second).denied_since, Instant{}) << "it counts";
    answer(oldest, input::CallOutcome::kDone);
    answer(second, input::CallOutcome::kDone);
    deny(third);
    EXPECT_TRUE(bench.has_event("checkpoint.undeletable")) << "it begins anew";
}

TEST_F(Deletions, AnAbortedOneBeginsWithoutWhatItsCommitWasDenied) {
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.checkpoint = make_checkpoint(4, 40, false);
    const CheckpointId id = bench.report(report).grant.value().checkpoint;
    report.checkpoint->sealed = true;
    bench.report(report);
    input::ManifestWritten no{id, input::CallOutcome::kUnknown, "", "403", false, true};
    bench.feed(no);
    EXPECT_EQ(one(id).trouble, "403");
    EXPECT_EQ(one(id).asks, 1);
    no.outcome = input::CallOutcome::kRefused;
    bench.feed(no);
    ASSERT_EQ(one(id).state, CheckpointState::kAborted);
    EXPECT_EQ(one(id).trouble, "");
    EXPECT_EQ(one(id).asks, 0);
    bench.tick(settings.delete_grace + seconds(1));
    EXPECT_TRUE(bench.asks_for<effect::DeleteObjects>());
}

// Before its deletions were counted, what its commit was denied stayed in the row, without a word.
TEST_F(Deletions, RowsOfOlderDatabasesBeginAnew) {
    auto& row = bench.rows.at({Table::kCheckpoint, to_text(oldest)});
    Checkpoint old = from_record<Checkpoint>(row).value();
    old.asks = 7;
    old.asked_since = old.denied_since = Instant{1};
    old.trouble.clear();
    row = to_record(old);
    bench.restart();
    ASSERT_EQ(one(oldest).asks, 7);
    EXPECT_LE(wait(), settings.tombstone_grace + minutes(1)) << "no deletion was denied yet";
    deny(oldest);
    EXPECT_TRUE(bench.has_event("checkpoint.undeletable"));
    EXPECT_EQ(one(oldest).asks, 1);
    EXPECT_EQ(one(oldest).asked_since, bench.now);
    EXPECT_EQ(one(oldest).denied_since, bench.now);
    answer(oldest, input::CallOutcome::kUnknown);
    EXPECT_EQ(one(oldest).asks, 1) << "it counts from here on";
}

TEST_F(Deletions, ADenialForOneThatIsKeptOrGoneChangesNothing) {
    deny(second);
    deny(CheckpointId{99});
    EXPECT_EQ(one(second).trouble, "");
    EXPECT_FALSE(bench.has_event("checkpoint.undeletable"));
}

}  // namespace
}  // namespace herder
