// Before an attempt begins the store is asked what it holds of its job.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"
#include "core/step/steps.h"

namespace herder {
namespace {

struct StoreLook : ::testing::Test {
    StoreLook() {
        settings.looks_at_runs = true;
        start();
    }
    void start() {
        bench.core = std::make_unique<Core>(kCluster, settings);
        for (const auto& [key, record] : bench.rows)
            HERDER_ASSERT(
                bench.core->load_row(RowChange{key.first, key.second, record}).has_value());
        bench.lead();
        bench.list({});
    }
    // The newest look that was asked for, if there was one since.
    std::optional<effect::LookAtRun> take_look() {
        std::optional<effect::LookAtRun> found;
        for (const Effect& effect : bench.last.effects) {
            if (const auto* one = std::get_if<effect::LookAtRun>(&effect)) found = *one;
        }
        return found;
    }
    JobId submit() {
        const JobId job = bench.submit();
        look = take_look();
        return job;
    }
    input::RunSeen seen_of(JobId job) const {
        input::RunSeen seen;
        seen.job = job;
        return seen;
    }
    void offer() { bench.offer({make_offer(101, 200'000), make_offer(102, 300'000)}); }
    // A job with checkpoints at steps 10 and 20, whose machine was just lost.
    JobId lose() {
        const JobId job = submit();
        bench.feed(seen_of(job));
        offer();
        bench.create_done();
        HERDER_ASSERT(bench.join().has_value());
        bench.report({});
        saved = {publish(bench, 1, 10), publish(bench, 2, 20)};
        bench.preempt();
        bench.find_outcome(job);
        bench.tick(seconds(10));
        return job;
    }
    // As if it were seen without anything of another time.
    input::RunSeen usual(JobId job) const {
        input::RunSeen seen = seen_of(job);
        seen.is_empty = false;
        seen.fence = Fence{1};
        seen.highest = saved.at(1);
        for (const CheckpointId id : saved)
            seen.manifests.push_back(bench.state().checkpoints.at(id).name);
        return seen;
    }
    std::string waiting_for(JobId job) const {
        const JobPhase& phase = bench.state().jobs.at(job).phase;
        if (const auto* queued = std::get_if<phase::Queued>(&phase)) return queued->waiting_for;
        return std::get<phase::Recovering>(phase).waiting_for;
    }
    bool is_placed(JobId job, std::uint64_t fence) {
        offer();
        return bench.state().jobs.at(job).fence == Fence{fence};
    }
    Settings settings;
    Bench bench;
    std::optional<effect::LookAtRun> look;
    std::vector<CheckpointId> saved;
};

TEST_F(StoreLook, ANewJobIsPlacedOnceItsNumberIsKnownToBeFree) {
    const JobId job = submit();
    ASSERT_TRUE(look);
    EXPECT_EQ(look->job, job);
    EXPECT_FALSE(look->resume);
    EXPECT_FALSE(is_placed(job, 1));
    bench.feed(seen_of(job));
    EXPECT_TRUE(is_placed(job, 1));
}

TEST_F(StoreLook, AStoreThatDoesNotAnswerIsAskedAgainAndNamed) {
    const JobId job = submit();
    bench.tick(seconds(15));
    EXPECT_EQ(waiting_for(job), "the storage, to see what is there of it");
    EXPECT_FALSE(bench.asks_for<effect::LookAtRun>());
    bench.tick(Settings{}.outcome_retry);
    EXPECT_TRUE(bench.asks_for<effect::LookAtRun>());
    EXPECT_FALSE(is_placed(job, 1));
}

TEST_F(StoreLook, ANumberUnderWhichAnotherJobsFilesLieIsNeverUsed) {
    const JobId job = submit();
    input::RunSeen seen = seen_of(job);
    seen.is_empty = false;
    bench.feed(seen);
    EXPECT_TRUE(bench.has_event("job.number_taken"));
    EXPECT_FALSE(is_placed(job, 1));
    EXPECT_NE(waiting_for(job).find("launch it again"), std::string::npos);
    EXPECT_TRUE(bench.cancel(job));
}

TEST_F(StoreLook, ADeniedLookIsToldOnceAndAskedForLessAndLessOften) {
    const JobId job = submit();
    const input::RunLookFailed denied{job, true, "listing v1/t/j1/: 403 AccessDenied"};
    int told = 0;
    Instant asked;
    std::vector<Duration> pauses;
    for (int tries = 0; tries < 12; ++tries) {
        bench.feed(denied);
        told += bench.has_event("job.storage_unseen") ? 1 : 0;
        EXPECT_EQ(told, tries < 2 ? 0 : 1) << tries;
        for (int steps = 0; steps < 100 && !bench.asks_for<effect::LookAtRun>(); ++steps)
            bench.tick(seconds(15));
        if (tries > 0) pauses.push_back(bench.now - asked);
        asked = bench.now;
    }
    EXPECT_NE(waiting_for(job).find("403 AccessDenied"), std::string::npos);
    EXPECT_NE(waiting_for(job).find("the right to list"), std::string::npos);
    EXPECT_LE(pauses.front(), settings.outcome_retry + seconds(30));
    EXPECT_GE(pauses.back(), settings.commit_retry_max);
    EXPECT_LE(pauses.back(), settings.commit_retry_max + seconds(30));
    EXPECT_FALSE(is_placed(job, 1));
    bench.feed(seen_of(job));
    EXPECT_TRUE(is_placed(job, 1));
}

TEST_F(StoreLook, AStoreThatIsAwaySaysSoAndIsNoDenial) {
    const JobId job = submit();
    bench.feed(input::RunLookFailed{job, false, "503 Slow Down"});
    bench.tick();
    EXPECT_NE(waiting_for(job).find("503 Slow Down"), std::string::npos);
    EXPECT_EQ(waiting_for(job).find("the right to list"), std::string::npos);
    bench.cancel(job);
    bench.feed(input::RunLookFailed{job, false, "503 Slow Down"});
    bench.feed(input::RunLookFailed{JobId{99}, false, "of nobody"});
    EXPECT_FALSE(bench.state().run_looks.contains(job)) << "it waits no more";
}

TEST_F(StoreLook, ANumberWhoseForeignFilesAreRemovedIsUsed) {
    const JobId job = submit();
    input::RunSeen seen = seen_of(job);
    seen.is_empty = false;
    bench.feed(seen);
    bench.tick(settings.outcome_retry);
    ASSERT_TRUE(bench.asks_for<effect::LookAtRun>()) << "looked at again";
    bench.feed(seen);
    EXPECT_FALSE(bench.has_event("job.number_taken")) << "told once";
    EXPECT_FALSE(is_placed(job, 1));
    bench.tick(settings.outcome_retry);
    bench.feed(input::RunLookFailed{job, true, "403 AccessDenied"});
    EXPECT_NE(waiting_for(job).find("another number"), std::string::npos);
    bench.feed(seen_of(job));
    EXPECT_TRUE(is_placed(job, 1));
}

TEST_F(StoreLook, AJobWhoseNewerCheckpointsAreRemovedGoesOn) {
    const JobId job = lose();
    input::RunSeen seen = usual(job);
    seen.manifests.push_back(make_checkpoint_name(30, Fence{1}, CheckpointId{7}));
    bench.feed(seen);
    EXPECT_FALSE(is_placed(job, 2));
    bench.tick(settings.outcome_retry);
    ASSERT_TRUE(bench.asks_for<effect::LookAtRun>()) << "looked at again";
    bench.feed(usual(job));
    EXPECT_TRUE(is_placed(job, 2));
}

TEST_F(StoreLook, FilesThatTheJobItselfLeftAfterTheBackupAreItsOwn) {
    const JobId job = submit();
    const Job& known = bench.state().jobs.at(job);
    input::RunSeen seen = seen_of(job);
    seen.is_empty = false;
    seen.fence = Fence{3};
    seen.submitted = known.submitted_wall + microseconds(1);
    bench.feed(seen);
    EXPECT_TRUE(bench.has_event("job.number_taken")) << "of another job";
    seen.submitted = known.submitted_wall;
    seen.manifests = {make_checkpoint_name(30, Fence{3}, CheckpointId{7})};
    bench.feed(seen);
    EXPECT_TRUE(bench.has_event("job.storage_ahead"));
    EXPECT_NE(waiting_for(job).find("herder storage rebuild"), std::string::npos);

    input::JobsFound found;
    found.reply_to = 1;
    found.jobs.push_back({job, known.spec, known.submitted_wall, Fence{3}, {}, {}});
    Checkpoint newer;
    newer.id = CheckpointId{7};
    newer.attempt = {job, Fence{3}};
    newer.step = 30;
    newer.commit_seq = 1;
    newer.name = seen.manifests.back();
    newer.files = {{"state.json", Bytes{10}, 7, 0644}};
    found.jobs[0].checkpoints = {newer};
    bench.feed(found);
    bench.feed(seen);
    EXPECT_TRUE(is_placed(job, 4));
    EXPECT_EQ(resume_choice(bench.state(), job)->id, CheckpointId{7});
}

TEST_F(StoreLook, WhatTheJobLeftWithoutACheckpointHoldsNothingUp) {
    const JobId job = submit();
    input::RunSeen seen = seen_of(job);
    seen.is_empty = false;
    seen.fence = Fence{2};
    seen.submitted = bench.state().jobs.at(job).submitted_wall;
    bench.feed(seen);
    EXPECT_TRUE(is_placed(job, 3));
}

TEST_F(StoreLook, NumbersThatAreThereAreNotGivenAgain) {
    const JobId job = lose();
    input::RunSeen seen = usual(job);
    seen.fence = Fence{5};
    seen.highest = CheckpointId{40};
    bench.feed(seen);
    EXPECT_TRUE(is_placed(job, 6));
    EXPECT_EQ(bench.state().meta.next_checkpoint, 41U);
    EXPECT_EQ(bench.attempt().fence, Fence{6});
}

TEST_F(StoreLook, WithoutAnythingOfAnotherTimeTheNextNumberFollows) {
    const JobId job = lose();
    ASSERT_TRUE(take_look() && take_look()->resume);
    EXPECT_EQ(take_look()->resume->id, saved[1]);
    bench.feed(usual(job));
    EXPECT_TRUE(is_placed(job, 2));
}

TEST_F(StoreLook, AJobWhoseNewerCheckpointsAreNotKnownWaitsForARebuild) {
    const JobId job = lose();
    input::RunSeen seen = usual(job);
    seen.manifests.push_back(make_checkpoint_name(30, Fence{1}, CheckpointId{7}));
    bench.feed(seen);
    EXPECT_TRUE(bench.has_event("job.storage_ahead"));
    EXPECT_FALSE(is_placed(job, 2));
    EXPECT_NE(waiting_for(job).find("herder storage rebuild"), std::string::npos);

    input::JobsFound found;
    found.reply_to = 1;
    const Job& known = bench.state().jobs.at(job);
    found.jobs.push_back({job, known.spec, known.submitted_wall, Fence{1}, {}, {}});
    Checkpoint newer;
    newer.id = saved[1];  // given again by the database that was put back
    newer.attempt = {job, Fence{1}};
    newer.step = 30;
    newer.commit_seq = 2;
    newer.name = seen.manifests.back();
    newer.files = {{"state.json", Bytes{10}, 7, 0644}};
    found.jobs[0].checkpoints = {newer};
    bench.feed(found);
    ASSERT_TRUE(take_look() && take_look()->resume);
    EXPECT_EQ(take_look()->resume->name, newer.name);
    EXPECT_NE(take_look()->resume->id, saved[1]);
    EXPECT_EQ(take_look()->resume->commit_seq, 3U);
    bench.feed(seen);
    EXPECT_TRUE(is_placed(job, 2));
}

TEST_F(StoreLook, OlderCheckpointsThatAreNotKnownHoldNothingUp) {
    const JobId job = lose();
    input::RunSeen seen = usual(job);
    seen.manifests.push_back(make_checkpoint_name(15, Fence{1}, CheckpointId{7}));
    bench.feed(seen);
    EXPECT_TRUE(is_placed(job, 2));
}

TEST_F(StoreLook, OneThatIsGoneIsSetAsideAndTheOneBeforeLookedFor) {
    const JobId job = lose();
    input::RunSeen seen = usual(job);
    seen.gone = saved[1];
    bench.feed(seen);
    EXPECT_TRUE(bench.state().checkpoints.at(saved[1]).quarantined);
    ASSERT_TRUE(take_look() && take_look()->resume);
    EXPECT_EQ(take_look()->resume->id, saved[0]);
    bench.feed(usual(job));
    EXPECT_TRUE(is_placed(job, 2));
}

TEST_F(StoreLook, WhereNothingAtAllIsLeftNothingIsSetAside) {
    const JobId job = lose();
    input::RunSeen seen = seen_of(job);
    seen.gone = saved[1];
    bench.feed(seen);
    EXPECT_FALSE(bench.state().checkpoints.at(saved[1]).quarantined);
    EXPECT_FALSE(is_placed(job, 2));
    EXPECT_NE(waiting_for(job).find("holds nothing of it"), std::string::npos);
    bench.tick(settings.outcome_retry);
    ASSERT_TRUE(take_look() && take_look()->resume) << "looked at again";
    EXPECT_EQ(take_look()->resume->id, saved[1]);
    bench.feed(usual(job));
    EXPECT_TRUE(is_placed(job, 2));
}

TEST_F(StoreLook, AnotherProcessLooksForItself) {
    const JobId job = submit();
    start();
    EXPECT_FALSE(is_placed(job, 1));
    bench.feed(seen_of(job));
    EXPECT_TRUE(is_placed(job, 1));
}

TEST_F(StoreLook, AnAnswerForAJobThatWaitsNoMoreChangesNothing) {
    const JobId job = submit();
    bench.cancel(job);
    input::RunSeen seen = seen_of(job);
    seen.is_empty = false;
    bench.feed(seen);
    EXPECT_FALSE(bench.has_event("job.number_taken"));
    bench.feed(seen_of(JobId{99}));
    EXPECT_EQ(bench.phase_of(job), "cancelled");
}

}  // namespace
}  // namespace herder
