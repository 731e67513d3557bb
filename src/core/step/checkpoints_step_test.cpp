// From an agent's offer to a committed checkpoint, and to its deletion.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"
#include "core/step/steps.h"

namespace herder {
namespace {

const Checkpoint& checkpoint(const Bench& bench, CheckpointId id) {
    return bench.state().checkpoints.at(id);
}

AgentReport offering(std::uint64_t local_seq, std::int64_t step, bool sealed) {
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.step = step;
    report.checkpoint = make_checkpoint(local_seq, step, sealed);
    return report;
}

void manifest(Bench& bench, CheckpointId id, input::CallOutcome outcome) {
    input::ManifestWritten written;
    written.checkpoint = id;
    written.outcome = outcome;
    written.manifest_sha256 = "abc";
    written.detail = "object o/0000 is missing";
    bench.feed(written);
}

// A running job with one sealed checkpoint whose manifest is being written.
CheckpointId seal(Bench& bench, std::uint64_t local_seq, std::int64_t step) {
    const CheckpointId id = bench.report(offering(local_seq, step, false)).grant.value().checkpoint;
    bench.report(offering(local_seq, step, true));
    return id;
}

TEST(CheckpointsStep, OfferIsGrantedOnceHoweverOftenItIsRepeated) {
    Bench bench;
    bench.run();
    const auto first = bench.report(offering(1, 10, false)).grant;
    const auto again = bench.report(offering(1, 10, false)).grant;
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->checkpoint, again->checkpoint);
    EXPECT_EQ(bench.state().checkpoints.size(), 1U);
}

TEST(CheckpointsStep, SealedButNeverGrantedIsSettledWithoutARow) {
    Bench bench;
    bench.run();
    const AgentOrders orders = bench.report(offering(1, 10, true));
    EXPECT_FALSE(orders.grant);
    EXPECT_EQ(orders.settled_local_seq, 1U);
    EXPECT_EQ(orders.committed_local_seq, 0U);
    EXPECT_TRUE(bench.state().checkpoints.empty());
}

TEST(CheckpointsStep, CommitFollowsTheOneBeforeAndTellsTheAgent) {
    Bench bench;
    bench.run();
    const CheckpointId first = publish(bench, 1, 10);
    const CheckpointId second = publish(bench, 2, 20);
    EXPECT_EQ(checkpoint(bench, second).parent, first);
    EXPECT_EQ(checkpoint(bench, second).commit_seq, 2U);
    EXPECT_EQ(bench.state().jobs.at(JobId{1}).best_step, 20);
    EXPECT_EQ(bench.beat().committed_local_seq, 2U);
}

TEST(CheckpointsStep, StepThatDoesNotAdvanceIsRefused) {
    Bench bench;
    bench.run();
    publish(bench, 1, 10);
    const AgentOrders orders = bench.report(offering(2, 10, false));
    EXPECT_FALSE(orders.grant);
    EXPECT_EQ(orders.settled_local_seq, 2U);
    EXPECT_EQ(checkpoint(bench, CheckpointId{2}).state, CheckpointState::kAborted);
    EXPECT_TRUE(bench.has_event("checkpoint.refused"));
}

TEST(CheckpointsStep, FilesThatChangedWhileTheyWereUploadedAreRefused) {
    Bench bench;
    bench.run();
    const CheckpointId id = bench.report(offering(1, 10, false)).grant.value().checkpoint;
    AgentReport sealed = offering(1, 10, true);
    sealed.checkpoint->files.at(0).size = Bytes{11};
    bench.report(sealed);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kAborted);
    EXPECT_FALSE(bench.asks_for<effect::WriteManifest>());
}

TEST(CheckpointsStep, MissingObjectsAbortItAndItIsNeverVisible) {
    Bench bench;
    bench.run();
    const CheckpointId id = seal(bench, 1, 10);
    manifest(bench, id, input::CallOutcome::kRefused);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kAborted);
    EXPECT_EQ(checkpoint(bench, id).commit_seq, 0U);
}

TEST(CheckpointsStep, UnansweredManifestIsWrittenAgain) {
    Bench bench;
    bench.run();
    const CheckpointId id = seal(bench, 1, 10);
    manifest(bench, id, input::CallOutcome::kUnknown);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kCommitting);
    bench.beat(Settings{}.outcome_retry + seconds(1));
    EXPECT_TRUE(bench.asks_for<effect::WriteManifest>());
    manifest(bench, id, input::CallOutcome::kDone);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kCommitted);
}

// A sealed checkpoint of a running job, after a committed one; the store says no to its commit.
struct DeniedCommit : ::testing::Test {
    DeniedCommit() {
        job = bench.run();
        good = publish(bench, 1, 10);
        last = seal(bench, 2, 20);
    }
    void answer(bool denied) {
        input::ManifestWritten written;
        written.checkpoint = last;
        written.outcome = input::CallOutcome::kUnknown;
        written.denied = denied;
        written.detail = "403 AccessDenied";
        bench.feed(written);
    }
    // Asked and answered for so long, while the agent lives. How often it was.
    int ask_for(Duration length, bool denied) {
        int asked = 0;
        for (const Instant end = bench.now + length; bench.now < end;) {
            bench.beat(seconds(20));
            if (!bench.asks_for<effect::WriteManifest>()) continue;
            ++asked;
            answer(denied);
        }
        return asked;
    }
    CheckpointState state() const { return checkpoint(bench, last).state; }
    Bench bench;
    JobId job;
    CheckpointId good;
    CheckpointId last;
};

TEST_F(DeniedCommit, IsGivenUpAfterAnHourSoThatNewerOnesMayFollow) {
    answer(true);
    const int asked = ask_for(minutes(55), true);
    EXPECT_EQ(state(), CheckpointState::kCommitting);
    EXPECT_LT(asked, 20) << "less and less often";
    ask_for(minutes(20), true);
    EXPECT_EQ(state(), CheckpointState::kAborted);
    EXPECT_EQ(bench.beat().settled_local_seq, 2U);
    bench.beat(Settings{}.delete_grace + seconds(1));
    EXPECT_TRUE(bench.asks_for<effect::DeleteObjects>()) << "what it takes up is freed";
    EXPECT_EQ(resume_choice(bench.state(), job)->id, good);
    const CheckpointId next = publish(bench, 3, 30);
    EXPECT_EQ(checkpoint(bench, next).state, CheckpointState::kCommitted);
}

TEST_F(DeniedCommit, IsToldOnce) {
    answer(true);
    ask_for(minutes(50), true);
    const auto count =
        std::count_if(bench.story.begin(), bench.story.end(),
                      [](const Event& event) { return event.kind == "checkpoint.delayed"; });
    EXPECT_EQ(count, 1);
}

TEST_F(DeniedCommit, AStoreThatDoesNotAnswerIsWaitedForLonger) {
    answer(false);
    ask_for(minutes(100), false);
    EXPECT_EQ(state(), CheckpointState::kCommitting);
    manifest(bench, last, input::CallOutcome::kDone);
    EXPECT_EQ(state(), CheckpointState::kCommitted);
}

TEST_F(DeniedCommit, OneNoAfterALongSilenceIsNotAnHourOfThem) {
    answer(false);
    ask_for(minutes(61), false);
    answer(true);
    EXPECT_EQ(state(), CheckpointState::kCommitting);
    ask_for(minutes(40), true);
    EXPECT_EQ(state(), CheckpointState::kCommitting);
    ask_for(minutes(35), true);
    EXPECT_EQ(state(), CheckpointState::kAborted);
}

TEST_F(DeniedCommit, TimeInWhichNobodyAskedDoesNotCount) {
    ASSERT_TRUE(bench.change(job, input::JobVerb::kPause));
    answer(false);
    bench.finish({EndReason::kPaused, 0, ""});
    bench.now = bench.now + days(30);
    bench.restart();
    ASSERT_TRUE(bench.asks_for<effect::WriteManifest>());
    answer(false);
    EXPECT_EQ(state(), CheckpointState::kCommitting);
}

TEST_F(DeniedCommit, OfALostMachineIsKeptAsLongAsItsPartsAre) {
    ASSERT_TRUE(bench.change(job, input::JobVerb::kPause));
    answer(true);
    bench.finish({EndReason::kPaused, 0, ""});
    for (const Instant end = bench.now + days(6); bench.now < end;) {
        bench.tick(hours(1));
        if (bench.asks_for<effect::WriteManifest>()) answer(true);
    }
    EXPECT_EQ(state(), CheckpointState::kCommitting);
    for (const Instant end = bench.now + days(2); bench.now < end;) {
        bench.tick(hours(1));
        if (bench.asks_for<effect::WriteManifest>()) answer(true);
    }
    EXPECT_EQ(state(), CheckpointState::kAborted);
}

TEST(CheckpointsStep, ManifestOfAnOlderAttemptIsFenced) {
    Bench bench;
    const JobId job = bench.run();
    const CheckpointId id = seal(bench, 1, 10);
    const Fence before = bench.state().jobs.at(job).fence;
    bench.preempt();
    bench.find_outcome(job);
    // Long enough that the new attempt no longer waits for the commit.
    bench.list({});
    bench.tick(minutes(16));
    bench.offer({make_offer(102, 300'000)});
    ASSERT_GT(bench.state().jobs.at(job).fence, before);
    manifest(bench, id, input::CallOutcome::kDone);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kAborted);
    EXPECT_EQ(bench.state().jobs.at(job).commit_seq, 0U);
}

// A lost attempt's last checkpoint is being committed; the store takes its time.
struct SlowCommit : ::testing::Test {
    SlowCommit() {
        job = bench.run();
        last = seal(bench, 1, 10);
        before = bench.state().jobs.at(job).fence;
    }
    bool has_new_attempt() {
        bench.list({});
        bench.offer({make_offer(102, 300'000)});
        return bench.state().jobs.at(job).fence > before;
    }
    std::optional<CheckpointId> resumed_from() {
        bench.contract = ContractId{5002};
        bench.create_done();
        HERDER_ASSERT(bench.join().has_value());
        return bench.report({}).assignment.value().resume_from;
    }
    Bench bench;
    JobId job;
    CheckpointId last;
    Fence before;
};

TEST_F(SlowCommit, TheNextAttemptWaitsWhileTheStoreIsAtWork) {
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(minutes(10));
    EXPECT_FALSE(has_new_attempt());
    EXPECT_EQ(std::get<phase::Recovering>(bench.state().jobs.at(job).phase).waiting_for,
              "the commit of its last checkpoint");
    manifest(bench, last, input::CallOutcome::kDone);
    EXPECT_TRUE(has_new_attempt());
    EXPECT_EQ(resumed_from(), last);
}

TEST_F(SlowCommit, AStoreThatDoesNotAnswerIsNotWaitedForThatLong) {
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(minutes(4));
    EXPECT_FALSE(has_new_attempt());
    manifest(bench, last, input::CallOutcome::kUnknown);
    EXPECT_TRUE(has_new_attempt());
    EXPECT_EQ(resumed_from(), std::nullopt);
}

TEST_F(SlowCommit, AResumedJobWaitsAsWell) {
    ASSERT_TRUE(bench.change(job, input::JobVerb::kPause));
    bench.finish({EndReason::kPaused, 0, ""});
    ASSERT_EQ(bench.phase_of(job), "paused");
    ASSERT_TRUE(bench.change(job, input::JobVerb::kResume));
    EXPECT_FALSE(has_new_attempt());
    manifest(bench, last, input::CallOutcome::kDone);
    EXPECT_TRUE(has_new_attempt());
    EXPECT_EQ(resumed_from(), last);
}

TEST_F(SlowCommit, NothingIsWaitedForForEver) {
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(minutes(14));
    EXPECT_FALSE(has_new_attempt());
    bench.tick(minutes(2));
    EXPECT_TRUE(has_new_attempt());
}

struct ChangedByHand : ::testing::Test {
    // A running job with three committed checkpoints.
    ChangedByHand() {
        bench.list({});
        bench.submit();
        bench.offer({make_offer(101, 200'000)});
        bench.create_done();
        HERDER_ASSERT(bench.join().has_value());
        bench.report({});
        for (const std::uint64_t i : {1U, 2U, 3U})
            saved.push_back(publish(bench, i, static_cast<std::int64_t>(i) * 10));
    }
    // The code of the answer; kOk where it was done.
    std::string change(CheckpointId id, input::CheckpointVerb verb) {
        input::ChangeCheckpoint in;
        in.reply_to = 7;
        in.checkpoint = id;
        in.verb = verb;
        in.detail = "differs";
        const Result<ReplyBody> body = bench.feed(in).replies.at(0).body;
        return body ? "done" : to_string(body.error().code);
    }
    const Checkpoint& one(std::size_t i) { return checkpoint(bench, saved.at(i)); }
    using Verb = input::CheckpointVerb;
    Bench bench;
    std::vector<CheckpointId> saved;
};

TEST_F(ChangedByHand, APinnedOneStaysUntilItIsUnpinned) {
    EXPECT_EQ(change(saved[0], Verb::kPin), "done");
    EXPECT_TRUE(one(0).pinned);
    EXPECT_TRUE(bench.has_event("checkpoint.pinned"));
    EXPECT_EQ(change(saved[0], Verb::kRemove), "conflict");
    publish(bench, 4, 40);
    EXPECT_EQ(one(0).state, CheckpointState::kCommitted) << "the fourth, with keep_last three";
    EXPECT_EQ(change(saved[0], Verb::kUnpin), "done");
    EXPECT_EQ(change(saved[0], Verb::kRemove), "done");
    EXPECT_EQ(one(0).state, CheckpointState::kDeleting);
    EXPECT_TRUE(bench.has_event("checkpoint.removed"));
    EXPECT_EQ(change(saved[0], Verb::kPin), "conflict") << "it is on its way out";
}

TEST_F(ChangedByHand, NobodyDeletesTheLastTwo) {
    EXPECT_EQ(change(saved[2], Verb::kRemove), "conflict");
    EXPECT_EQ(change(saved[1], Verb::kRemove), "conflict");
    EXPECT_EQ(change(saved[0], Verb::kRemove), "done");
    EXPECT_EQ(change(CheckpointId{99}, Verb::kRemove), "not_found");
}

TEST_F(ChangedByHand, ADamagedOneIsNeverResumedFromAndCountsForNothing) {
    EXPECT_EQ(change(saved[2], Verb::kDamaged), "done");
    EXPECT_TRUE(one(2).quarantined);
    EXPECT_TRUE(bench.has_event("checkpoint.quarantined"));
    EXPECT_EQ(resume_choice(bench.state(), one(2).attempt.job)->id, saved[1]);
    EXPECT_EQ(change(saved[0], Verb::kRemove), "conflict") << "one of the last two that are good";
    EXPECT_EQ(change(saved[2], Verb::kRemove), "done");
}

TEST_F(ChangedByHand, WhatWasRetiredComesBackWhenNewerOnesAreDamaged) {
    const CheckpointId fourth = publish(bench, 4, 40);
    ASSERT_EQ(one(0).state, CheckpointState::kDeleting);
    EXPECT_EQ(change(fourth, Verb::kDamaged), "done");
    EXPECT_EQ(one(0).state, CheckpointState::kDeleting) << "two good ones are newer";
    EXPECT_EQ(change(saved[2], Verb::kDamaged), "done");
    EXPECT_EQ(one(0).state, CheckpointState::kCommitted);
    EXPECT_TRUE(bench.has_event("checkpoint.revived"));
    EXPECT_EQ(change(saved[1], Verb::kDamaged), "done");
    EXPECT_EQ(resume_choice(bench.state(), one(0).attempt.job)->id, saved[0]);
    bench.tick(Settings{}.tombstone_grace + seconds(1));
    EXPECT_FALSE(bench.asks_for<effect::DeleteObjects>());
}

TEST_F(ChangedByHand, WhatIsBeingDeletedDoesNotComeBack) {
    publish(bench, 4, 40);
    bench.tick(Settings{}.tombstone_grace + seconds(1));
    ASSERT_TRUE(bench.asks_for<effect::DeleteObjects>());
    for (const CheckpointId id : {saved[1], saved[2]})
        EXPECT_EQ(change(id, Verb::kDamaged), "done");
    EXPECT_EQ(one(0).state, CheckpointState::kDeleting);
}

TEST_F(ChangedByHand, AnotherJobGoesOnFromOneUntilItHasItsOwn) {
    JobSpec fork = make_spec();
    fork.start_from = saved[1];
    const JobId job = bench.submit(fork);
    EXPECT_TRUE(one(1).pinned) << "it waits for a machine meanwhile";
    EXPECT_EQ(resume_choice(bench.state(), job)->id, saved[1]);
    EXPECT_EQ(change(saved[1], Verb::kDamaged), "done");
    EXPECT_EQ(resume_choice(bench.state(), job), nullptr);
    fork.start_from = saved[1];
    EXPECT_EQ(bench.submit(fork), JobId{}) << "it is damaged";
    fork.start_from = saved[2];
    fork.team = "others";
    EXPECT_EQ(bench.submit(fork), JobId{});
    fork.team = make_spec().team;
    const JobId second = bench.submit(fork);
    bench.cancel(one(0).attempt.job);
    bench.finish({EndReason::kCancelled, 0, ""});
    bench.cancel(job);
    bench.offer({make_offer(102, 200'000)});
    ASSERT_EQ(bench.attempt().job, second);
    bench.contract = ContractId{5002};
    bench.create_done();
    HERDER_ASSERT(bench.join().has_value());
    EXPECT_EQ(bench.report({}).assignment.value().resume_from, saved[2]);
    const CheckpointId own = publish(bench, 1, 40);
    EXPECT_EQ(checkpoint(bench, own).parent, saved[2]);
    EXPECT_EQ(resume_choice(bench.state(), second)->id, own);
}

TEST_F(ChangedByHand, WhatSomebodyVerifiedIsKept) {
    EXPECT_EQ(change(saved[0], Verb::kVerified), "done");
    EXPECT_TRUE(one(0).verified);
    publish(bench, 4, 40);
    publish(bench, 5, 50);
    EXPECT_EQ(one(0).state, CheckpointState::kCommitted);
    EXPECT_EQ(one(1).state, CheckpointState::kDeleting);
}

TEST(CheckpointsStep, CommittedOnesAreNotDeletedWhateverTheStoreClaims) {
    Bench bench;
    bench.run();
    const CheckpointId id = publish(bench, 1, 10);
    bench.feed(input::ObjectsDeleted{id, input::CallOutcome::kDone});
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kCommitted);
    manifest(bench, CheckpointId{99}, input::CallOutcome::kDone);
    EXPECT_EQ(bench.state().checkpoints.size(), 1U);
}

// A running attempt that was uploading a checkpoint and is lost.
CheckpointId lose_while_uploading(Bench& bench) {
    const JobId job = bench.run();
    const CheckpointId id = bench.report(offering(1, 10, false)).grant.value().checkpoint;
    bench.preempt();
    bench.find_outcome(job);
    return id;
}

TEST(CheckpointsStep, AnUploadWhoseAttemptIsLostIsCommittedWhereAllOfItArrived) {
    Bench bench;
    const CheckpointId id = lose_while_uploading(bench);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kCommitting);
    EXPECT_TRUE(bench.asks_for<effect::WriteManifest>());
    manifest(bench, id, input::CallOutcome::kDone);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kCommitted);
    bench.tick(seconds(40));
    bench.offer({make_offer(102, 300'000)});
    bench.contract = ContractId{6001};
    bench.sequence = 0;
    bench.create_done();
    ASSERT_TRUE(bench.join());
    EXPECT_EQ(bench.report({}).assignment.value().resume_from, id);
}

TEST(CheckpointsStep, AnUploadOfALostAttemptThatIsOlderThanWhatIsCommittedIsLeftOut) {
    Bench bench;
    const JobId job = bench.run();
    const CheckpointId early = bench.report(offering(1, 10, false)).grant.value().checkpoint;
    const CheckpointId late = seal(bench, 2, 20);
    manifest(bench, late, input::CallOutcome::kDone);
    bench.preempt();
    bench.find_outcome(job);
    EXPECT_EQ(checkpoint(bench, early).state, CheckpointState::kAborted);
    EXPECT_EQ(checkpoint(bench, late).state, CheckpointState::kCommitted);
}

TEST(CheckpointsStep, AnUploadWhoseAttemptIsLostIsAbortedWhereSomeIsMissing) {
    Bench bench;
    const CheckpointId id = lose_while_uploading(bench);
    manifest(bench, id, input::CallOutcome::kRefused);
    EXPECT_EQ(checkpoint(bench, id).state, CheckpointState::kAborted);
}

}  // namespace
}  // namespace herder
