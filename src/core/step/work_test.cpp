// What one batch changes reaches the rows, the events and the indexes, whatever part decided it.
#include "core/step/work.h"

#include <gtest/gtest.h>

#include "base/record.h"
#include "core/step/core_fixture.h"

namespace herder {
namespace {

struct WorkTest : testing::Test {
    State state;
    Settings settings;
    Work work{state, kCluster, settings};

    WorkTest() {
        Input in;
        in.now = Instant{} + hours(1);
        in.wall = WallTime{1'790'000'000'000'000};
        in.draw = 5;
        work.begin(in);
    }
    Job& add_job() {
        Job job;
        job.id = JobId{1};
        job.spec = make_spec();
        job.client_key = "key";
        return work.add_job(job);
    }
    Intent make_intent(std::uint64_t id) {
        Intent intent;
        intent.id = IntentId{id};
        intent.attempt = {JobId{1}, Fence{1}};
        intent.reserved = usd_cents(50);
        return intent;
    }
    // The tables as a store would have them after this batch.
    std::size_t count(Table table) {
        return static_cast<std::size_t>(
            std::count_if(work.out.changes.begin(), work.out.changes.end(),
                          [&](const RowChange& change) { return change.table == table; }));
    }
};

TEST_F(WorkTest, EachEditedRowIsWrittenOnceWithItsEvent) {
    add_job();
    work.edit_job(JobId{1}).best_step = 7;
    work.edit_job(JobId{1}).best_step = 8;
    work.flush();
    ASSERT_EQ(count(Table::kJob), 1U);
    const auto row = std::find_if(work.out.changes.begin(), work.out.changes.end(),
                                  [](const auto& one) { return one.table == Table::kJob; });
    EXPECT_EQ(from_record<Job>(*row->record)->best_step, 8);
    const auto event = std::find_if(work.out.events.begin(), work.out.events.end(),
                                    [&](const Event& one) { return one.row == *row; });
    ASSERT_NE(event, work.out.events.end());
    EXPECT_EQ(event->job, JobId{1});
}

TEST_F(WorkTest, EventsAreNumberedWithoutGapsAndTheCounterCountsItself) {
    add_job();
    work.note("job.submitted", JobId{1}, "j1");
    work.flush();
    for (std::size_t i = 0; i < work.out.events.size(); ++i)
        EXPECT_EQ(work.out.events[i].seq, i + 1);
    const Event& last = work.out.events.back();
    ASSERT_TRUE(last.row && last.row->table == Table::kMeta);
    EXPECT_EQ(from_record<Meta>(*last.row->record)->next_event, last.seq + 1);
}

TEST_F(WorkTest, NothingEditedWritesNothing) {
    work.flush();
    EXPECT_TRUE(work.out.changes.empty());
    EXPECT_TRUE(work.out.events.empty());
    EXPECT_FALSE(work.dirty);
}

TEST_F(WorkTest, PhaseOfAJobMovesItThroughTheIndexes) {
    Job& job = add_job();
    EXPECT_TRUE(state.active_jobs.contains(JobId{1}));
    EXPECT_FALSE(state.ready.empty());
    work.set_phase(job, phase::Placing{Fence{1}});
    EXPECT_TRUE(state.ready.empty());
    work.set_phase(job, phase::Cancelled{});
    EXPECT_FALSE(state.active_jobs.contains(JobId{1}));
    EXPECT_EQ(job.ended, work.now);
}

TEST_F(WorkTest, OverRentalIsNoLongerOpenAndReservesNothing) {
    add_job();
    work.add_intent(make_intent(3));
    Intent& intent = work.edit_intent(IntentId{3});
    intent.contract = ContractId{9};
    work.set_phase(intent, rent::Bound{});
    EXPECT_EQ(state.by_contract.at(ContractId{9}), IntentId{3});
    EXPECT_TRUE(state.open_intents.contains(IntentId{3}));
    work.set_phase(intent, rent::Settled{work.now});
    EXPECT_FALSE(state.open_intents.contains(IntentId{3}));
    EXPECT_EQ(intent.reserved, Usd{});
}

TEST_F(WorkTest, SameChargeAgainIsNoChange) {
    Charge charge;
    charge.key = {ContractId{9}, 20'000, ChargeKind::kGpu};
    charge.amount = usd_cents(5);
    work.put_charge(charge);
    work.flush();
    EXPECT_EQ(count(Table::kCharge), 1U);
    Work next(state, kCluster, settings);
    next.put_charge(charge);
    next.flush();
    EXPECT_TRUE(next.out.changes.empty());
    charge.amount = usd_cents(6);
    next.put_charge(charge);
    EXPECT_EQ(state.ledger.charged(ContractId{9}), usd_cents(6));
}

TEST_F(WorkTest, DrawsOfOneInputDifferAndAreTheSameEachTime) {
    const std::uint64_t first = work.jitter();
    EXPECT_NE(first, work.jitter());
    Input same;
    same.now = work.now;
    same.draw = 5;
    work.begin(same);
    EXPECT_EQ(work.jitter(), first);
}

TEST_F(WorkTest, EarliestWakeWins) {
    work.wake(work.now + minutes(2));
    work.wake(work.now + minutes(1));
    work.wake(work.now + minutes(3));
    EXPECT_EQ(work.out.wake_at, work.now + minutes(1));
}

TEST_F(WorkTest, NobodyWhoWaitsIsNotAnswered) {
    work.answer(0, ReplyBody(reply::Changed{JobId{1}}));
    EXPECT_TRUE(work.out.replies.empty());
    work.answer(4, ReplyBody(reply::Changed{JobId{1}}));
    ASSERT_EQ(work.out.replies.size(), 1U);
    EXPECT_EQ(work.out.replies.front().to, 4U);
}

TEST_F(WorkTest, LoadedRowsGiveTheSameIndexes) {
    Job& job = add_job();
    work.set_phase(job, phase::Queued{});
    work.add_intent(make_intent(3));
    work.set_phase(work.edit_intent(IntentId{3}), rent::Closed{});
    work.flush();
    State loaded;
    for (const RowChange& change : work.out.changes)
        ASSERT_TRUE(load_row(loaded, change).has_value());
    EXPECT_EQ(loaded.jobs, state.jobs);
    EXPECT_EQ(loaded.intents, state.intents);
    EXPECT_EQ(loaded.meta, state.meta);
    EXPECT_EQ(loaded.active_jobs, state.active_jobs);
    EXPECT_EQ(loaded.open_intents, state.open_intents);
    EXPECT_EQ(loaded.by_client_key, state.by_client_key);
    EXPECT_EQ(loaded.intents_of, state.intents_of);
    const Status torn = load_row(loaded, {Table::kJob, "j2", "\xff\xff"});
    ASSERT_FALSE(torn);
    EXPECT_EQ(torn.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace herder
