#include "core/worker/worker_brain.h"

#include <gtest/gtest.h>

#include "core/worker/worker_fixture.h"

namespace herder {
namespace {

using namespace worker_action;

// Those that reports have told.
std::vector<std::string> refusals(const WorkerFixture& f) {
    std::vector<std::string> found;
    for (const auto& [at, sent] : f.all<worker_action::SendReport>()) {
        if (!sent.report.checkpoint_refused.empty())
            found.push_back(sent.report.checkpoint_refused);
    }
    return found;
}

TEST(Worker, RunsRestoreSetupAndCommandInOrder) {
    WorkerFixture f;
    Assignment a = f.assignment();
    a.spec.setup = "pip install x";
    f.orders.assignment = a;
    f.join();
    EXPECT_EQ(f.count<StartRestore>(), 1U);
    EXPECT_EQ(f.brain.stage(), WorkerStage::kRestoring);
    f.feed(worker_input::RestoreEnded{});
    EXPECT_EQ(f.count<StartSetup>(), 1U);
    f.feed(worker_input::SetupEnded{});
    EXPECT_EQ(f.count<StartRun>(), 1U);
    f.run_for(minutes(5));
    EXPECT_EQ(f.last_report.phase, AgentPhase::kRunning);
    EXPECT_EQ(f.count<StartRestore>(), 1U) << "a repeated assignment starts nothing";
}

// A job that goes on from checkpoint 4, whose setup has begun while it comes.
WorkerFixture in_setup_beside_restore() {
    WorkerFixture f;
    Assignment a = f.assignment();
    a.spec.setup = "pip install x";
    a.resume_from = CheckpointId{4};
    a.resume_step = 40;
    f.orders.assignment = a;
    f.join();
    f.feed(worker_input::FilesReady{});
    return f;
}

TEST(Worker, SetupRunsWhileTheCheckpointComes) {
    WorkerFixture f = in_setup_beside_restore();
    EXPECT_EQ(f.count<StartSetup>(), 1U);
    f.run_for(minutes(1));
    EXPECT_EQ(f.last_report.phase, AgentPhase::kSetup);
    f.feed(worker_input::SetupEnded{});
    f.run_for(minutes(1));
    EXPECT_EQ(f.count<StartRun>(), 0U) << "the checkpoint is not there yet";
    EXPECT_EQ(f.last_report.phase, AgentPhase::kRestoring);
    f.feed(worker_input::RestoreEnded{});
    EXPECT_EQ(f.count<StartRun>(), 1U);
    EXPECT_EQ(f.count<StartSetup>(), 1U);
    f.run_for(minutes(1));
    EXPECT_TRUE(f.last_report.restored);
}

TEST(Worker, ACheckpointThatIsThereFirstWaitsForSetup) {
    WorkerFixture f = in_setup_beside_restore();
    f.feed(worker_input::RestoreEnded{});
    EXPECT_EQ(f.count<StartRun>(), 0U);
    f.feed(worker_input::SetupEnded{});
    EXPECT_EQ(f.count<StartRun>(), 1U);
}

TEST(Worker, SetupIsNotRepeatedForTheCheckpointBefore) {
    WorkerFixture f = in_setup_beside_restore();
    f.feed(worker_input::RestoreEnded{worker_input::RestoreResult::kCorrupt, "crc32c"});
    f.run_for(minutes(1));
    EXPECT_EQ(f.count<StartRestore>(), 1U) << "setup comes to its end first";
    EXPECT_EQ(f.count<WriteStopFile>(), 0U);
    EXPECT_EQ(f.last_report.restore_failed, CheckpointId{4}) << "it may be the last one";
    EXPECT_EQ(f.last_report.phase, AgentPhase::kSetup);
    f.orders.assignment->resume_from = CheckpointId{3};
    f.run_for(seconds(30));
    EXPECT_EQ(f.count<StartRestore>(), 1U);
    f.feed(worker_input::SetupEnded{});
    f.run_for(seconds(30));
    ASSERT_EQ(f.count<StartRestore>(), 2U);
    f.feed(worker_input::FilesReady{});
    EXPECT_EQ(f.count<StartSetup>(), 1U);
    f.feed(worker_input::RestoreEnded{});
    EXPECT_EQ(f.count<StartSetup>(), 1U);
    EXPECT_EQ(f.count<StartRun>(), 1U);
}

TEST(Worker, AFailedSetupEndsTheRestoreBesideIt) {
    WorkerFixture f = in_setup_beside_restore();
    f.feed(worker_input::SetupEnded{.end = {.exit_code = 1}});
    EXPECT_EQ(f.count<KillEverything>(), 1U);
    ASSERT_EQ(f.count<StoreOutcome>(), 1U);
    EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, EndReason::kUserError);
    f.feed(worker_input::RestoreEnded{});
    EXPECT_EQ(f.count<StartRun>(), 0U);
}

TEST(Worker, ARestoreThatEndsTheAttemptEndsSetup) {
    using worker_input::RestoreResult;
    for (const auto& [result, reason] :
         {std::pair(RestoreResult::kFailed, EndReason::kRestoreFailed),
          std::pair(RestoreResult::kUnusable, EndReason::kUserError),
          std::pair(RestoreResult::kDiskFull, EndReason::kDiskFull)}) {
        WorkerFixture f = in_setup_beside_restore();
        f.feed(worker_input::RestoreEnded{result, "no answer"});
        f.run_for(seconds(3));
        ASSERT_EQ(f.count<WriteStopFile>(), 1U);
        ASSERT_EQ(f.count<SignalJob>(), 1U);
        EXPECT_EQ(f.all<SignalJob>()[0].second.signal, StopSignal::kSoft);
        EXPECT_EQ(f.last_report.phase, AgentPhase::kStopping);
        f.feed(worker_input::SetupEnded{.end = {.exit_code = 143, .detail = "Terminated"}});
        ASSERT_EQ(f.count<StoreOutcome>(), 1U);
        EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome,
                  (AttemptOutcome{reason, 0, "no answer"}));
        EXPECT_EQ(f.count<StartRun>(), 0U);
    }
}

TEST(Worker, ASetupThatIgnoresThatIsKilled) {
    WorkerFixture f = in_setup_beside_restore();
    f.feed(worker_input::RestoreEnded{worker_input::RestoreResult::kFailed, "no answer"});
    f.run_for(f.assignment().spec.checkpoint.stop_grace + seconds(6));
    ASSERT_GE(f.count<KillEverything>(), 1U);
    f.feed(worker_input::SetupEnded{});
    ASSERT_EQ(f.count<StoreOutcome>(), 1U);
    EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, EndReason::kRestoreFailed);
}

TEST(Worker, AStopThatCameFirstIsWhyTheAttemptEnded) {
    WorkerFixture f = in_setup_beside_restore();
    f.orders.desired = DesiredState::kStop;
    f.orders.stop_reason = EndReason::kPaused;
    f.run_for(seconds(20));
    f.feed(worker_input::RestoreEnded{worker_input::RestoreResult::kFailed, "no answer"});
    f.feed(worker_input::SetupEnded{.end = {.exit_code = 143}});
    ASSERT_EQ(f.count<StoreOutcome>(), 1U);
    EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, EndReason::kPaused);
}

// Where it was the only one the server gives the machine back.
TEST(Worker, SetupEndsWithTheLastCheckpointThatDidNotVerify) {
    WorkerFixture f = in_setup_beside_restore();
    f.feed(worker_input::RestoreEnded{worker_input::RestoreResult::kCorrupt, "crc32c"});
    f.run_for(seconds(1));
    EXPECT_EQ(f.last_report.restore_failed, CheckpointId{4}) << "told at once";
    f.orders.fenced = true;
    f.run_for(seconds(11));
    EXPECT_EQ(f.count<KillEverything>(), 1U);
    EXPECT_EQ(f.brain.stage(), WorkerStage::kLeft);
}

TEST(Worker, AStopDuringSetupEndsTheRestoreBesideIt) {
    WorkerFixture f = in_setup_beside_restore();
    f.orders.desired = DesiredState::kStop;
    f.orders.stop_grace = seconds(30);
    f.run_for(seconds(20));
    f.feed(worker_input::SetupEnded{.end = {.exit_code = 143}});
    EXPECT_EQ(f.count<KillEverything>(), 1U);
    f.feed(worker_input::RestoreEnded{});
    EXPECT_EQ(f.count<StartRun>(), 0U);
}

TEST(Worker, ReportsAtTheBeatAndKeepsTheSwitchQuiet) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    const auto before = f.count<SendReport>();
    f.run_for(minutes(10));
    EXPECT_NEAR(static_cast<double>(f.count<SendReport>() - before), 60, 2);
    EXPECT_GE(f.count<TouchDeadMan>(), 60U);
    EXPECT_EQ(f.count<DestroySelf>(), 0U);
}

TEST(Worker, StoresTheOutcomeBeforeItReportsIt) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.run_for(minutes(1));
    f.feed(worker_input::ProcessExited{});
    f.run_for(seconds(30));
    ASSERT_EQ(f.count<StoreOutcome>(), 1U);
    EXPECT_FALSE(f.last_report.outcome);
    f.feed(worker_input::OutcomeStored{true});
    f.run_for(seconds(20));
    ASSERT_TRUE(f.last_report.outcome);
    EXPECT_EQ(f.last_report.outcome->reason, EndReason::kSucceeded);
    EXPECT_EQ(f.last_report.ran, minutes(1));
    f.orders.desired = DesiredState::kLeave;
    f.run_for(seconds(20));
    EXPECT_EQ(f.count<Leave>(), 1U);
    EXPECT_EQ(f.brain.wake_at(), kNever);
}

TEST(Worker, WhichOutputsAreMissingIsReportedWithTheOutcome) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::ProcessExited{});
    f.run_for(seconds(30));
    f.feed(worker_input::OutcomeStored{false, "a was not stored: 503"});
    f.run_for(minutes(1));
    EXPECT_EQ(f.count<StoreOutcome>(), 2U);
    f.feed(worker_input::OutcomeStored{true, "b was not stored: EntityTooLarge"});
    f.run_for(seconds(20));
    ASSERT_TRUE(f.last_report.outcome);
    EXPECT_EQ(f.last_report.outcome->reason, EndReason::kSucceeded);
    EXPECT_EQ(f.last_report.outcome->detail, "b was not stored: EntityTooLarge");
}

TEST(Worker, TriesToStoreTheOutcomeAgainThenReportsItAnyway) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::ProcessExited{});
    for (int i = 0; i < 5; ++i) {
        f.run_for(minutes(1));
        f.feed(worker_input::OutcomeStored{false});
    }
    f.run_for(seconds(20));
    EXPECT_EQ(f.count<StoreOutcome>(), 5U);
    EXPECT_TRUE(f.last_report.outcome);
}

TEST(Worker, StopsByFileThenSoftSignalThenTermThenKill) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.orders.desired = DesiredState::kStop;
    f.orders.stop_reason = EndReason::kPaused;
    f.orders.stop_grace = seconds(60);
    f.run_for(minutes(2));
    const auto file = f.all<WriteStopFile>();
    ASSERT_EQ(file.size(), 1U);
    const Instant began = file[0].first;
    EXPECT_EQ(file[0].second.deadline, began + seconds(60));
    const auto signals = f.all<SignalJob>();
    ASSERT_EQ(signals.size(), 2U);
    EXPECT_EQ(signals[0].first, began + seconds(2));
    EXPECT_EQ(signals[0].second.signal, StopSignal::kSoft);
    EXPECT_EQ(signals[1].first, began + seconds(60));
    EXPECT_EQ(signals[1].second.signal, StopSignal::kTerm);
    ASSERT_GE(f.count<KillEverything>(), 1U);
    EXPECT_EQ(f.all<KillEverything>()[0].first, began + seconds(65));
    f.feed(worker_input::ProcessExited{.end = {.exit_code = 137}});
    f.run_for(seconds(1));
    ASSERT_EQ(f.count<StoreOutcome>(), 1U);
    EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, EndReason::kPaused);
}

TEST(Worker, UploadsOneCheckpointAtATimeAndKeepsTheNewestWaiting) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.grant(1);
    f.run_for(seconds(1));
    ASSERT_EQ(f.count<Upload>(), 1U);
    f.feed(worker_input::CheckpointFound{f.checkpoint(2, 20)});
    f.feed(worker_input::CheckpointFound{f.checkpoint(3, 30)});
    f.run_for(minutes(5));
    EXPECT_EQ(f.count<Upload>(), 1U) << "an upload is not cancelled or doubled";
    ASSERT_EQ(f.count<DiscardCheckpoint>(), 1U);
    EXPECT_EQ(f.all<DiscardCheckpoint>()[0].second.local_seq, 2U);
    f.feed(worker_input::UploadEnded{1, true});
    f.run_for(seconds(1));
    EXPECT_TRUE(f.last_report.checkpoint->sealed);
    f.orders.settled_local_seq = 1;
    f.run_for(seconds(30));
    EXPECT_EQ(f.last_report.checkpoint->local_seq, 3U);
    EXPECT_FALSE(f.last_report.checkpoint->sealed);
}

TEST(Worker, UploadsAgainAfterAFailureWithBackoff) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.grant(1);
    f.run_for(seconds(1));
    f.feed(worker_input::UploadEnded{1, false});
    f.run_for(seconds(30));
    EXPECT_EQ(f.count<Upload>(), 2U);
    f.feed(worker_input::UploadEnded{1, false, true});
    f.run_for(seconds(30));
    EXPECT_FALSE(f.last_report.checkpoint) << "staging lost: given up";
}

TEST(Worker, WaitsForTheLastCheckpointBeforeTheOutcome) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.feed(worker_input::ProcessExited{});
    f.grant(1);
    f.run_for(seconds(20));
    EXPECT_EQ(f.count<StoreOutcome>(), 0U);
    f.feed(worker_input::UploadEnded{1, true});
    f.orders.settled_local_seq = 1;
    f.run_for(seconds(20));
    EXPECT_EQ(f.count<StoreOutcome>(), 1U);
}

TEST(Worker, MarksWhatIsSavedDuringAStop) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.orders.desired = DesiredState::kStop;
    f.run_for(seconds(15));
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.run_for(seconds(1));
    ASSERT_TRUE(f.last_report.checkpoint);
    EXPECT_EQ(f.last_report.checkpoint->kind, CheckpointKind::kPreempt);
    EXPECT_EQ(f.last_report.step, 10);
}

TEST(Worker, IgnoresACheckpointThatIsNotAheadOfWhatItResumedFrom) {
    WorkerFixture f;
    Assignment a = f.assignment();
    a.resume_from = CheckpointId{5};
    a.resume_step = 100;
    f.join_and_run(a);
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 100)});
    EXPECT_EQ(f.count<DiscardCheckpoint>(), 1U);
    f.run_for(seconds(10));
    EXPECT_FALSE(f.last_report.checkpoint);
    EXPECT_TRUE(f.last_report.restored);
    EXPECT_TRUE(refusals(f).empty()) << "many save again what they restored";
    // One that counts from the start again saves nothing for long: that has to be known.
    f.feed(worker_input::CheckpointFound{f.checkpoint(2, 10)});
    EXPECT_EQ(f.count<DiscardCheckpoint>(), 2U);
    f.run_for(seconds(10));
    ASSERT_EQ(refusals(f).size(), 1U);
    EXPECT_TRUE(refusals(f)[0].starts_with("its step is below 100, "));
}

TEST(Worker, ReportsWhatTheShellCouldNotTake) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::CheckpointRefused{"it has no files"});
    // One that is taken right behind it takes nothing back.
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.run_for(seconds(1), false);
    const std::size_t unanswered = refusals(f).size();
    EXPECT_GE(unanswered, 1U);
    f.run_for(seconds(30));
    EXPECT_EQ(refusals(f), std::vector<std::string>(unanswered + 1, "it has no files"));
    EXPECT_EQ(f.last_report.checkpoint_refused, "");
}

TEST(Worker, AsksForTheCheckpointBeforeWhenOneDoesNotVerify) {
    WorkerFixture f;
    f.orders.assignment = f.assignment();
    f.orders.assignment->resume_from = CheckpointId{9};
    f.join();
    f.feed(worker_input::RestoreEnded{worker_input::RestoreResult::kCorrupt, "crc"});
    f.run_for(seconds(30));
    EXPECT_EQ(f.last_report.restore_failed, CheckpointId{9});
    EXPECT_EQ(f.count<StartRestore>(), 1U);
    f.orders.assignment->resume_from = CheckpointId{8};
    f.run_for(seconds(30));
    EXPECT_EQ(f.count<StartRestore>(), 2U);
    EXPECT_FALSE(f.last_report.restore_failed);
}

TEST(Worker, EndsWhenTheMachineCannotRestore) {
    WorkerFixture f;
    f.orders.assignment = f.assignment();
    f.join();
    f.feed(worker_input::RestoreEnded{worker_input::RestoreResult::kFailed, "no space"});
    f.run_for(seconds(1));
    ASSERT_EQ(f.count<StoreOutcome>(), 1U);
    EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, EndReason::kRestoreFailed);
}

TEST(Worker, DataThatNoMachineCanHaveIsTheUsersError) {
    for (const auto& [result, reason] :
         {std::pair(worker_input::RestoreResult::kUnusable, EndReason::kUserError),
          std::pair(worker_input::RestoreResult::kDiskFull, EndReason::kDiskFull)}) {
        WorkerFixture f;
        f.orders.assignment = f.assignment();
        f.join();
        f.feed(worker_input::RestoreEnded{result, "https://x/y: 404"});
        f.run_for(seconds(1));
        ASSERT_EQ(f.count<StoreOutcome>(), 1U);
        EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, reason);
        EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.detail, "https://x/y: 404");
        EXPECT_EQ(f.count<StartSetup>() + f.count<StartRun>(), 0U);
    }
}

TEST(Worker, FailedSetupIsTheUsersErrorAndRunsNothing) {
    WorkerFixture f;
    Assignment a = f.assignment();
    a.spec.setup = "false";
    f.orders.assignment = a;
    f.join();
    f.feed(worker_input::RestoreEnded{});
    f.feed(worker_input::SetupEnded{.end = {.exit_code = 1}});
    f.run_for(seconds(1));
    EXPECT_EQ(f.count<StartRun>(), 0U);
    EXPECT_EQ(f.all<StoreOutcome>()[0].second.outcome.reason, EndReason::kUserError);
}

TEST(Worker, FencedStopsAtOnceAndPublishesNothing) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::CheckpointFound{f.checkpoint(1, 10)});
    f.orders.fenced = true;
    f.grant(1);
    f.run_for(seconds(11));
    EXPECT_EQ(f.count<KillEverything>(), 1U);
    EXPECT_EQ(f.count<Upload>(), 0U);
    EXPECT_EQ(f.count<StoreOutcome>(), 0U);
    EXPECT_EQ(f.brain.stage(), WorkerStage::kLeft);
    EXPECT_TRUE(f.brain.was_fenced());
}

TEST(Worker, MaxDurationStopsTheJob) {
    WorkerFixture f;
    Assignment a = f.assignment();
    a.time_left = minutes(10);
    f.join_and_run(a);
    const Instant ran_from = f.now;
    f.run_for(minutes(11));
    ASSERT_EQ(f.count<WriteStopFile>(), 1U);
    EXPECT_EQ(f.all<WriteStopFile>()[0].first, ran_from + minutes(10));
    EXPECT_EQ(f.all<WriteStopFile>()[0].second.reason, EndReason::kMaxDuration);
}

TEST(Worker, GivesUpAStopOfTheMachineWithinItsNotice) {
    WorkerFixture f;
    f.join_and_run(f.assignment());
    f.feed(worker_input::ShutdownNotice{seconds(8)});
    EXPECT_EQ(f.all<WriteStopFile>()[0].second.reason, EndReason::kPreempted);
    f.run_for(seconds(14), false);
    EXPECT_GE(f.count<KillEverything>(), 1U);
}

TEST(WorkerBrain, MeasuresItsMachineOnceAndReportsItUntilThereIsAnAssignment) {
    WorkerFixture f;
    f.orders.admission = AdmissionTest{.disk = gigabytes(10), .probe_max = megabytes(1)};
    f.join();
    f.run_for(seconds(25));
    ASSERT_EQ(f.count<worker_action::StartAdmission>(), 1U);
    EXPECT_EQ(f.all<worker_action::StartAdmission>()[0].second.test, *f.orders.admission);
    EXPECT_FALSE(f.last_report.admission);
    worker_input::AdmissionEnded ended;
    ended.facts.disk_free = gigabytes(9);
    f.feed(ended);
    f.run_for(seconds(1), false);
    EXPECT_EQ(f.last_report.admission, ended.facts);
    f.run_for(seconds(30), false);
    EXPECT_EQ(f.last_report.admission, ended.facts) << "repeated until it is answered";
    f.orders.admission.reset();
    f.orders.assignment = f.assignment();
    f.run_for(seconds(30));
    EXPECT_EQ(f.brain.stage(), WorkerStage::kRestoring);
    EXPECT_FALSE(f.last_report.admission);
    EXPECT_EQ(f.count<worker_action::StartAdmission>(), 1U);
}

TEST(WorkerBrain, AFailedTestLeavesWithoutHavingRunAnything) {
    WorkerFixture f;
    f.orders.admission = AdmissionTest{};
    f.join();
    f.feed(worker_input::AdmissionEnded{});
    f.orders.fenced = true;
    f.orders.desired = DesiredState::kLeave;
    f.run_for(seconds(30));
    EXPECT_EQ(f.brain.stage(), WorkerStage::kLeft);
    EXPECT_EQ(f.count<worker_action::StartRestore>(), 0U);
}

}  // namespace
}  // namespace herder
