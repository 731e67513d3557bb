// The orchestrator's core as a whole: a job from submit to its last cent, and what goes wrong on
// the way. The simulator goes much further; these are the stories that a reader wants to see first.
#include "core/step/core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

TEST(CoreStep, RentsNothingBeforeACompleteListing) {
    Bench bench;
    const JobId job = bench.submit();
    EXPECT_FALSE(bench.asks_for<effect::SearchOffers>());
    EXPECT_EQ(bench.phase_of(job), "queued");
    bench.list({});
    EXPECT_TRUE(bench.asks_for<effect::SearchOffers>());
}

TEST(CoreStep, PicksTheCheaperOfferAndCommitsTheIntentBeforeTheCall) {
    Bench bench;
    const JobId job = bench.place();
    ASSERT_TRUE(bench.created);
    EXPECT_EQ(bench.created->intent.offer.ask, 101);
    EXPECT_EQ(bench.phase_of(job), "placing");
    const bool row_is_there = std::any_of(
        bench.last.changes.begin(), bench.last.changes.end(), [&](const RowChange& change) {
            return change.table == Table::kIntent &&
                   change.key == to_text(bench.created->intent.id);
        });
    EXPECT_TRUE(row_is_there);
    EXPECT_LE(bench.created->intent.label.size(), 60U);
    EXPECT_GT(bench.intent().reserved, Usd{});
}

TEST(CoreStep, RunsAJobToItsEndAndClosesTheMachine) {
    Bench bench;
    const JobId job = bench.run();
    EXPECT_EQ(bench.phase_of(job), "running");
    AgentReport done;
    done.phase = AgentPhase::kDone;
    done.outcome = AttemptOutcome{};
    EXPECT_EQ(bench.report(done).desired, DesiredState::kLeave);
    EXPECT_EQ(bench.phase_of(job), "succeeded");
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
    bench.list({bench.machine(MachineState::kRunning)});
    bench.list({});
    EXPECT_STREQ(to_string(bench.intent().phase), "closing");
    bench.list({});
    EXPECT_STREQ(to_string(bench.intent().phase), "closed");
}

TEST(CoreStep, AnUnknownCreateIsFoundByItsLabelAndNeverSentAgain) {
    Bench bench;
    bench.place();
    input::CreateEnded lost;
    lost.intent = bench.created->intent.id;
    lost.outcome = input::CallOutcome::kUnknown;
    bench.feed(lost);
    EXPECT_STREQ(to_string(bench.intent().phase), "unknown");
    bench.list({bench.machine(MachineState::kStarting)});
    EXPECT_STREQ(to_string(bench.intent().phase), "bound");
    EXPECT_FALSE(bench.asks_for<effect::CreateMachine>());
}

TEST(CoreStep, AnUnknownCreateIsAbandonedAfterThreeAbsencesAndClosedIfItAppearsLate) {
    Bench bench;
    bench.place();
    const effect::CreateMachine first = *bench.created;
    input::CreateEnded lost;
    lost.intent = first.intent.id;
    lost.outcome = input::CallOutcome::kUnknown;
    bench.feed(lost);
    bench.list({});  // asked for before the call became unknown: counts for nothing
    for (int i = 0; i < 3; ++i) {
        bench.list({}, minutes(2));
    }
    EXPECT_STREQ(to_string(bench.state().intents.at(first.intent.id).phase), "abandoned");
    bench.offer({make_offer(103, 200'000)});
    EXPECT_NE(bench.created->intent.id, first.intent.id);
    ListedMachine late = bench.machine(MachineState::kRunning);
    late.label = first.intent.label;
    late.contract = ContractId{5002};
    bench.list({late});
    EXPECT_STREQ(to_string(bench.state().intents.at(first.intent.id).phase), "closing");
}

TEST(CoreStep, AnErrorThatCarriesAContractIsAMachineAndIsClosed) {
    Bench bench;
    bench.place();
    input::CreateEnded ended;
    ended.intent = bench.created->intent.id;
    ended.outcome = input::CallOutcome::kRefused;
    ended.contract = bench.contract;
    bench.feed(ended);
    EXPECT_STREQ(to_string(bench.intent().phase), "closing");
}

TEST(CoreStep, ARefusedOfferLeadsToTheNextAsANewIntentOfTheSameAttempt) {
    Bench bench;
    const JobId job = bench.place();
    const IntentId first = bench.created->intent.id;
    input::CreateEnded ended;
    ended.intent = first;
    ended.outcome = input::CallOutcome::kRefused;
    ended.offer_gone = true;
    bench.feed(ended);
    bench.feed(input::TimerFired{}, seconds(5));
    EXPECT_NE(bench.created->intent.id, first);
    EXPECT_EQ(bench.created->intent.offer.ask, 102);
    EXPECT_EQ(bench.created->intent.attempt.fence, Fence{1});
    EXPECT_EQ(bench.state().intents.at(first).reserved, Usd{});
    EXPECT_EQ(bench.phase_of(job), "placing");
}

TEST(CoreStep, AJoinTokenWorksOnceAndForItsOwnMachineOnly) {
    Bench bench;
    bench.place();
    bench.create_done();
    EXPECT_TRUE(bench.join());
    EXPECT_TRUE(bench.join());  // its answer was lost: the same agent asks again
    EXPECT_FALSE(bench.join("a clone of the container"));
    bench.report({});
    EXPECT_FALSE(bench.join()) << "once its session has spoken the token is spent";
}

TEST(CoreStep, APreemptedJobMovesAndResumesFromItsLastCommit) {
    Bench bench;
    const JobId job = bench.run();
    publish(bench, 1, 25);
    const CheckpointId second = publish(bench, 2, 50);
    bench.feed(input::TimerFired{}, seconds(25));
    bench.list({bench.machine(MachineState::kStopped)});
    EXPECT_TRUE(bench.asks_for<effect::FindOutcome>());
    input::OutcomeFound nothing;
    nothing.attempt = {job, Fence{1}};
    bench.feed(nothing);
    EXPECT_EQ(bench.phase_of(job), "recovering");
    bench.feed(input::TimerFired{}, seconds(40));
    bench.offer({make_offer(101, 200'000), make_offer(102, 300'000)});
    EXPECT_EQ(bench.created->intent.attempt.fence, Fence{2});
    EXPECT_EQ(bench.created->intent.offer.ask, 102) << "the machine that was taken away is avoided";
    bench.contract = ContractId{6001};
    bench.sequence = 0;
    bench.create_done();
    ASSERT_TRUE(bench.join());
    const AgentOrders orders = bench.report({});
    ASSERT_TRUE(orders.assignment);
    EXPECT_EQ(orders.assignment->resume_from, second);
    EXPECT_EQ(orders.assignment->resume_step, 50);
}

TEST(CoreStep, AStaleAttemptIsFencedAndItsManifestStaysInvisible) {
    Bench bench;
    const JobId job = bench.run();
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.checkpoint = make_checkpoint(1, 25, false);
    const CheckpointId id = bench.report(report).grant.value().checkpoint;
    report.checkpoint->sealed = true;
    bench.report(report);
    const effect::CreateMachine old = *bench.created;
    bench.feed(input::TimerFired{}, seconds(35));
    bench.list({});
    bench.list({bench.machine(MachineState::kOffline)});
    input::OutcomeFound nothing;
    nothing.attempt = {job, Fence{1}};
    bench.feed(nothing);
    bench.feed(input::TimerFired{}, minutes(16));  // no longer worth waiting for the store
    bench.list({bench.machine(MachineState::kOffline)});
    bench.offer({make_offer(105, 200'000)});
    ASSERT_EQ(bench.created->intent.attempt.fence, Fence{2});
    input::ManifestWritten written;
    written.checkpoint = id;
    written.outcome = input::CallOutcome::kDone;
    bench.feed(written);
    EXPECT_EQ(bench.state().checkpoints.at(id).state, CheckpointState::kAborted);
    bench.created = old;
    EXPECT_TRUE(bench.report({}).fenced);
}

TEST(CoreStep, ACutConnectionAsksForAListingAtOnceAndDatesTheEndOfTheBill) {
    Bench bench;
    bench.run();
    bench.list({bench.machine(MachineState::kRunning)});
    bench.feed(input::TimerFired{}, seconds(9));
    input::AgentGone gone;
    gone.intent = bench.created->intent.id;
    gone.session_hash = sha256_hex("another");
    bench.feed(gone, seconds(2));
    EXPECT_FALSE(bench.asks_for<effect::ListMachines>());
    gone.session_hash = sha256_hex("session");
    bench.feed(gone, milliseconds(1));
    EXPECT_TRUE(bench.asks_for<effect::ListMachines>());
    const Instant cut = bench.now;
    bench.list({bench.machine(MachineState::kStopped)}, seconds(30));
    EXPECT_EQ(bench.intent().gpu_end, cut);
}

TEST(CoreStep, SilenceAloneMovesNothing) {
    Bench bench;
    const JobId job = bench.run();
    bench.feed(input::TimerFired{}, hours(1));
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(CoreStep, CancelOfARunningJobStopsItGracefullyAndStartsNothingNew) {
    Bench bench;
    const JobId job = bench.run();
    input::ChangeJob cancel;
    cancel.reply_to = 9;
    cancel.job = job;
    EXPECT_TRUE(bench.feed(cancel).replies.at(0).body);
    AgentReport running;
    running.phase = AgentPhase::kRunning;
    const AgentOrders orders = bench.report(running);
    EXPECT_EQ(orders.desired, DesiredState::kStop);
    EXPECT_EQ(orders.stop_reason, EndReason::kCancelled);
    AgentReport done;
    done.phase = AgentPhase::kDone;
    done.outcome = AttemptOutcome{.reason = EndReason::kUserError, .exit_code = 143, .detail = ""};
    bench.report(done);
    EXPECT_EQ(bench.phase_of(job), "cancelled");
    EXPECT_STREQ(to_string(bench.intent().phase), "closing");
}

TEST(CoreStep, TheSameClientKeyGivesTheSameJob) {
    Bench bench;
    const JobId first = bench.submit(make_spec(), "key-1");
    EXPECT_EQ(bench.submit(make_spec(), "key-1"), first);
    EXPECT_NE(bench.submit(make_spec(), "key-2"), first);
}

TEST(CoreStep, AJobThatWouldExceedItsBudgetIsRefusedWithTheFigures) {
    Bench bench;
    input::SetBudgets set;
    BudgetSpec budget;
    budget.name = "team-nlp";
    budget.team = "default";
    budget.limit = usd_cents(50);
    set.budgets = {budget};
    bench.feed(set);
    input::SubmitJob in;
    in.reply_to = 1;
    in.spec = make_spec();
    const Output out = bench.feed(in);
    ASSERT_FALSE(out.replies.at(0).body);
    EXPECT_EQ(out.replies.at(0).body.error().code, ErrorCode::kBudgetExceeded);
    EXPECT_NE(out.replies.at(0).body.error().message.find("team-nlp"), std::string::npos);
}

TEST(CoreStep, MaxDurationStopsTheJobOverAllAttempts) {
    Bench bench;
    const JobId job = bench.run();
    AgentReport running;
    running.phase = AgentPhase::kRunning;
    bench.report(running, hours(2) + seconds(1));
    bench.feed(input::TimerFired{});
    EXPECT_EQ(bench.report(running).stop_reason, EndReason::kMaxDuration);
    EXPECT_EQ(bench.phase_of(job), "running");
}

TEST(CoreStep, EventsFoldToTheSameRowsAndARestartLoadsThem) {
    Bench bench;
    std::map<std::pair<Table, std::string>, std::string> rows;
    std::map<std::pair<Table, std::string>, std::string> folded;
    const auto keep = [&] {
        for (const RowChange& change : bench.last.changes)
            rows[{change.table, change.key}] = *change.record;
        for (const Event& event : bench.last.events) {
            if (event.row) folded[{event.row->table, event.row->key}] = *event.row->record;
        }
    };
    bench.place();
    keep();
    bench.create_done();
    keep();
    EXPECT_EQ(rows, folded);
    Core restarted(kCluster, Settings{});
    for (const auto& [key, record] : rows) {
        ASSERT_TRUE(restarted.load_row(RowChange{key.first, key.second, record}));
    }
    EXPECT_EQ(restarted.state().intents.at(bench.created->intent.id), bench.intent());
}

TEST(CoreStep, AForeignMachineIsReportedAndNeverTouched) {
    Bench bench;
    ListedMachine foreign;
    foreign.contract = ContractId{77};
    foreign.label = "somebody else's";
    bench.list({foreign});
    bench.list({foreign}, minutes(5));
    EXPECT_FALSE(bench.asks_for<effect::DestroyMachine>());
    EXPECT_EQ(bench.state().provider.foreign.size(), 1U);
}

TEST(CoreStep, AnOrphanWithOurLabelIsDestroyedAfterAGrace) {
    Bench bench;
    ListedMachine orphan;
    orphan.contract = ContractId{78};
    orphan.label = make_label(kCluster, IntentId{4242});
    bench.list({orphan});
    EXPECT_FALSE(bench.asks_for<effect::DestroyMachine>());
    bench.list({orphan}, minutes(2));
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
}

TEST(CoreStep, TheNumberOfAMachineThatALostDatabaseRentedIsNotUsedAgain) {
    Bench bench;
    ListedMachine orphan;
    orphan.contract = ContractId{78};
    orphan.label = make_label(kCluster, IntentId{4242});
    bench.list({orphan});
    EXPECT_EQ(bench.state().meta.next_intent, 4243U);
    input::ChargesRead bill;
    bill.complete = true;
    bill.charges.resize(1);
    bill.charges[0].key.contract = ContractId{79};
    bill.labels = {make_label(kCluster, IntentId{5000})};
    bench.feed(bill);
    EXPECT_EQ(bench.state().meta.next_intent, 5001U);
}

}  // namespace
}  // namespace herder
