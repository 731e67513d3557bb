#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct JobCheckers : CheckerPlace {
    JobCheckers() { add_job_checkers(checkers); }
    Commit job_row(JobPhase phase) {
        Job job;
        job.id = JobId{1};
        job.phase = std::move(phase);
        state.jobs[job.id] = job;
        Commit made;
        made.changes.push_back({Table::kJob, "j1", ""});
        return made;
    }
    Commit attempt_ended(const std::string& reason) {
        Commit made;
        Event event;
        event.kind = "attempt.ended";
        event.job = JobId{1};
        event.subject = "j1/1";
        event.fields = {{"reason", reason}};
        made.events.push_back(event);
        return made;
    }
};

TEST_F(JobCheckers, EndedJobMayNotRunAgain) {
    commit(job_row(phase::Cancelled{}));
    EXPECT_TRUE(stage.violations.empty());
    commit(job_row(phase::Queued{}));
    EXPECT_TRUE(is_violated("13 terminal-is-final"));
}

TEST_F(JobCheckers, TwoLiveAttemptsAreSeen) {
    state.live_attempts = {{JobId{1}, Fence{1}}, {JobId{1}, Fence{2}}};
    commit({});
    EXPECT_TRUE(is_violated("14 attempt-order"));
}

TEST_F(JobCheckers, RetriesBeyondTheUsersLimitAreSeen) {
    job_row(phase::Queued{});
    state.jobs[JobId{1}].spec.recovery.max_restarts_on_errors = 1;
    commit(attempt_ended("user_error"));
    commit(attempt_ended("user_error"));
    EXPECT_FALSE(is_violated("19 retry-budget"));
    commit(attempt_ended("user_error"));
    EXPECT_TRUE(is_violated("19 retry-budget"));
}

TEST_F(JobCheckers, LossOfAMachineMayNotCostARestart) {
    job_row(phase::Queued{});
    state.jobs[JobId{1}].user_restarts = 1;
    commit(attempt_ended("preempted"));
    EXPECT_TRUE(is_violated("19 retry-budget"));
}

TEST_F(JobCheckers, JobWithoutAnEndIsSeen) {
    job_row(phase::Running{});
    for (const auto& checker : checkers)
        checker->on_end(sight());
    EXPECT_TRUE(is_violated("11 every-job-ends"));
}

TEST_F(JobCheckers, RentingOnAndOnIsSeen) {
    Intent intent;
    intent.id = IntentId{1};
    intent.attempt = {JobId{1}, Fence{1}};
    state.intents[intent.id] = intent;
    CreateCall call;
    call.intent = intent.id;
    for (int i = 0; i < 61; ++i) {
        for (const auto& checker : checkers)
            checker->on_create_sent(sight(), call);
    }
    EXPECT_TRUE(is_violated("27 no-thrash"));
}

TEST_F(JobCheckers, RentingAMachineWithinItsPenaltyIsSeen) {
    Intent intent;
    intent.id = IntentId{1};
    intent.attempt = {JobId{1}, Fence{1}};
    intent.offer.machine = 7;
    intent.planned = Instant{} + minutes(50);
    state.meta.avoided_machines[7] = Instant{} + hours(30);
    const auto rent = [&] {
        state.intents[intent.id] = intent;
        CreateCall call;
        call.intent = intent.id;
        for (const auto& checker : checkers) {
            checker->on_minute(sight());  // at one hour
            checker->on_create_sent(sight(), call);
        }
    };
    rent();
    EXPECT_FALSE(is_violated("27 no-thrash")) << "planned before anything was known";
    intent.planned = Instant{} + minutes(61);
    rent();
    EXPECT_TRUE(is_violated("27 no-thrash"));
}

}  // namespace

}  // namespace herder::sim
