// What users ask for: every phase of a job against every verb.
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

using input::JobVerb;

struct Scene {
    Bench bench;
    JobId job;
};
void queued(Scene& s) {
    s.job = s.bench.submit(make_spec(), "key");
}
void placing(Scene& s) {
    s.bench.list({});
    queued(s);
    s.bench.offer({make_offer(101, 200'000), make_offer(102, 300'000)});
}
void running(Scene& s) {
    placing(s);
    s.bench.create_done();
    HERDER_ASSERT(s.bench.join().has_value());
    s.bench.report({});
    s.bench.beat();
}
void recovering(Scene& s) {
    running(s);
    s.bench.preempt();
    s.bench.find_outcome(s.job);
}
void paused(Scene& s) {
    queued(s);
    HERDER_ASSERT(s.bench.change(s.job, JobVerb::kPause).has_value());
}
void succeeded(Scene& s) {
    running(s);
    s.bench.finish();
}
void failed(Scene& s) {
    running(s);
    s.bench.finish({.reason = EndReason::kUserError, .exit_code = 1, .detail = "boom"});
}
void cancelled(Scene& s) {
    queued(s);
    HERDER_ASSERT(s.bench.cancel(s.job));
}
void cancelling(Scene& s) {
    running(s);
    HERDER_ASSERT(s.bench.cancel(s.job));
}
void pausing(Scene& s) {
    running(s);
    HERDER_ASSERT(s.bench.change(s.job, JobVerb::kPause).has_value());
}

// "!" is a conflict that changes nothing, otherwise the phase after it.
struct Row {
    const char* name;
    std::function<void(Scene&)> make;
    std::array<const char*, 3> after;  // cancel, pause, resume
};
const std::array<Row, 10> kTable{{
    {"queued", queued, {"cancelled", "paused", "!"}},
    {"placing", placing, {"cancelled", "paused", "!"}},
    {"running", running, {"running", "running", "!"}},
    {"recovering", recovering, {"cancelled", "paused", "!"}},
    {"paused", paused, {"cancelled", "paused", "queued"}},
    {"succeeded", succeeded, {"!", "!", "!"}},
    {"failed", failed, {"!", "!", "!"}},
    {"cancelled", cancelled, {"cancelled", "!", "!"}},
    {"cancelling", cancelling, {"running", "!", "!"}},
    {"pausing", pausing, {"running", "running", "!"}},
}};
constexpr std::array<JobVerb, 3> kVerbs{JobVerb::kCancel, JobVerb::kPause, JobVerb::kResume};
constexpr std::array<const char*, 3> kWords{"cancel", "pause", "resume"};

TEST(JobsStep, EveryPhaseAgainstEveryVerb) {
    for (const Row& row : kTable) {
        for (std::size_t verb = 0; verb < kVerbs.size(); ++verb) {
            Scene scene;
            row.make(scene);
            const std::string before = scene.bench.phase_of(scene.job);
            const Result<ReplyBody> answer = scene.bench.change(scene.job, kVerbs[verb]);
            const std::string where = std::string(row.name) + " + " + kWords[verb];
            if (std::string(row.after[verb]) == "!") {
                ASSERT_FALSE(answer.has_value()) << where;
                EXPECT_EQ(answer.error().code, ErrorCode::kConflict) << where;
                EXPECT_EQ(scene.bench.phase_of(scene.job), before) << where;
            } else {
                EXPECT_TRUE(answer.has_value()) << where;
                EXPECT_EQ(scene.bench.phase_of(scene.job), row.after[verb]) << where;
            }
        }
    }
}

TEST(JobsStep, TheSameKeyNamesTheSameJobInEveryPhaseAndChangesNothing) {
    for (const Row& row : kTable) {
        Scene scene;
        row.make(scene);
        const std::string before = scene.bench.phase_of(scene.job);
        input::SubmitJob again;
        again.reply_to = 4;
        again.spec = make_spec();
        again.client_key = "key";
        const Output out = scene.bench.feed(again);
        const auto& reply = std::get<reply::Submitted>(*out.replies.at(0).body);
        EXPECT_EQ(reply.job, scene.job) << row.name;
        EXPECT_TRUE(reply.existed) << row.name;
        EXPECT_EQ(scene.bench.phase_of(scene.job), before) << row.name;
    }
}

TEST(JobsStep, AKeyBelongsToItsTeam) {
    Bench bench;
    const JobId first = bench.submit(make_spec(), "key");
    JobSpec other = make_spec();
    other.team = "vision";
    EXPECT_NE(bench.submit(other, "key"), first);
}

TEST(JobsStep, AnUnknownJobIsNotFound) {
    Bench bench;
    const auto answer = bench.change(JobId{99}, JobVerb::kCancel);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
}

TEST(JobsStep, AJobWithNothingToRunIsInvalid) {
    Bench bench;
    input::SubmitJob in;
    in.reply_to = 1;
    in.spec = make_spec();
    in.spec.run.clear();
    EXPECT_EQ(bench.feed(in).replies.at(0).body.error().code, ErrorCode::kInvalid);
}

TEST(JobsStep, ADryRunChangesNothing) {
    Bench bench;
    input::SubmitJob in;
    in.reply_to = 1;
    in.spec = make_spec();
    in.dry_run = true;
    const Output out = bench.feed(in);
    EXPECT_TRUE(out.replies.at(0).body);
    EXPECT_TRUE(bench.state().jobs.empty());
    EXPECT_TRUE(out.changes.empty());
}

TEST(JobsStep, AMachineThatArrivesAfterThePauseIsDestroyed) {
    Scene scene;
    placing(scene);
    ASSERT_TRUE(scene.bench.change(scene.job, JobVerb::kPause));
    EXPECT_EQ(scene.bench.phase_of(scene.job), "paused");
    EXPECT_EQ(scene.bench.rent_phase(), "armed") << "its call may be on the wire";
    scene.bench.create_done();
    EXPECT_EQ(scene.bench.rent_phase(), "closing");
    EXPECT_TRUE(scene.bench.asks_for<effect::DestroyMachine>());
    EXPECT_EQ(scene.bench.phase_of(scene.job), "paused");
}

TEST(JobsStep, AResumedJobIsPlacedUnderANewFence) {
    Scene scene;
    placing(scene);
    ASSERT_TRUE(scene.bench.change(scene.job, JobVerb::kPause));
    scene.bench.create_done();
    ASSERT_TRUE(scene.bench.change(scene.job, JobVerb::kResume));
    scene.bench.tick(seconds(10));
    EXPECT_EQ(scene.bench.phase_of(scene.job), "placing");
    EXPECT_EQ(scene.bench.created->intent.attempt.fence, Fence{2});
}

TEST(JobsStep, ACancelOverrulesAPauseThatIsUnderWay) {
    Scene scene;
    pausing(scene);
    ASSERT_TRUE(scene.bench.cancel(scene.job));
    EXPECT_EQ(scene.bench.beat().stop_reason, EndReason::kCancelled);
    scene.bench.finish({.reason = EndReason::kUserError, .exit_code = 143, .detail = ""});
    EXPECT_EQ(scene.bench.phase_of(scene.job), "cancelled");
}

TEST(JobsStep, AJobThatSucceedsWhileItIsCancelledHasSucceeded) {
    Scene scene;
    cancelling(scene);
    scene.bench.finish();
    EXPECT_EQ(scene.bench.phase_of(scene.job), "succeeded");
}

TEST(JobsStep, ACancelSurvivesARestart) {
    Scene scene;
    cancelling(scene);
    scene.bench.restart();
    EXPECT_EQ(scene.bench.beat().desired, DesiredState::kStop);
    scene.bench.tick(minutes(4));  // the agent never leaves: the deadline does it
    EXPECT_EQ(scene.bench.phase_of(scene.job), "cancelled");
    EXPECT_EQ(scene.bench.rent_phase(), "closing");
}

}  // namespace
}  // namespace herder
