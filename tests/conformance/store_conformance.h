#pragma once
// The contract of ports/store.h as a typed test suite. Every store passes it:
//
//   struct MyPlace {                              // one durable place, empty at first
//       std::unique_ptr<herder::Store> open();    // a new handle to it; the handle before is gone
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Mine, StoreConformance, MyPlace);
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/store.h"

namespace herder {

using TableRows = std::map<std::pair<Table, std::string>, std::string>;

inline TableRows read_rows(Store& store) {
    TableRows rows;
    const Status loaded = store.load([&rows](const RowChange& row) {
        EXPECT_TRUE(row.record.has_value()) << "a removed row is not loaded";
        EXPECT_TRUE(rows.try_emplace({row.table, row.key}, row.record.value_or("")).second);
        return ok();
    });
    EXPECT_TRUE(loaded) << loaded.error().message;
    return rows;
}

inline std::vector<Event> read_all_events(Store& store, std::uint64_t after = 0,
                                          std::size_t limit = 1'000'000) {
    std::vector<Event> events;
    const Status read = store.read_events(after, limit, [&events](const Event& event) {
        events.push_back(event);
        return ok();
    });
    EXPECT_TRUE(read) << read.error().message;
    return events;
}

inline RowChange make_row(std::string key, std::string record, Table table = Table::kJob) {
    return {table, std::move(key), std::move(record)};
}

inline Event make_event(std::uint64_t seq, std::string kind, JobId job = {}) {
    Event event;
    event.seq = seq;
    event.at = Instant{static_cast<std::int64_t>(seq) * 10};
    event.wall = WallTime{static_cast<std::int64_t>(seq) * 100};
    event.kind = std::move(kind);
    event.job = job;
    event.subject = job ? to_text(job) : "";
    event.fields = {{"name", "value \"quoted\"\n"}, {"empty", ""}};
    return event;
}

inline Commit make_commit(std::vector<RowChange> changes, std::vector<Event> events = {}) {
    return {std::move(changes), std::move(events), Instant{1'000}, WallTime{2'000},
            BootMoment{"boot", Instant{3'000}}};
}

inline void expect_same_event(const Event& got, const Event& want) {
    EXPECT_EQ(got.seq, want.seq);
    EXPECT_EQ(got.version, want.version);
    EXPECT_EQ(got.at, want.at);
    EXPECT_EQ(got.wall, want.wall);
    EXPECT_EQ(got.kind, want.kind);
    EXPECT_EQ(got.job, want.job);
    EXPECT_EQ(got.subject, want.subject);
    EXPECT_EQ(got.fields, want.fields);
    EXPECT_EQ(got.row, want.row);
}

template <class Place>
class StoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        reopen();
        lead();
    }
    void reopen() {
        store.reset();
        store = place.open();
        ASSERT_NE(store, nullptr);
    }
    void lead() {
        const auto got = store->lead();
        ASSERT_TRUE(got) << got.error().message;
        term = *got;
    }

    Place place;
    std::unique_ptr<Store> store;
    Term term;
};
TYPED_TEST_SUITE_P(StoreConformance);

TYPED_TEST_P(StoreConformance, NewStoreIsEmpty) {
    EXPECT_TRUE(read_rows(*this->store).empty());
    EXPECT_TRUE(read_all_events(*this->store).empty());
    const auto mark = this->store->last_commit();
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->seq, 0U);
}

TYPED_TEST_P(StoreConformance, EveryLeadGetsAGreaterTerm) {
    EXPECT_GT(this->term.value, 0U);
    const Term first = this->term;
    this->lead();
    EXPECT_GT(this->term, first);
    const Term second = this->term;
    this->reopen();
    this->lead();
    EXPECT_GT(this->term, second);
}

TYPED_TEST_P(StoreConformance, CommittedRowsEventsAndMarkSurviveReopening) {
    Event with_row = make_event(2, "row", JobId{1});
    with_row.row = make_row("j1", std::string("\0\xFF record", 9));
    const Event plain = make_event(1, "job.submitted", JobId{1});
    const auto commit = make_commit(
        {make_row("j1", std::string("\0\xFF record", 9)),
         make_row("j1", "same key", Table::kIntent), make_row("empty", "", Table::kMeta)},
        {plain, with_row});
    ASSERT_EQ(this->store->commit(this->term, 1, commit), CommitOutcome::kCommitted);
    this->reopen();

    const TableRows want{{{Table::kJob, "j1"}, std::string("\0\xFF record", 9)},
                         {{Table::kIntent, "j1"}, "same key"},
                         {{Table::kMeta, "empty"}, ""}};
    EXPECT_EQ(read_rows(*this->store), want);
    const auto events = read_all_events(*this->store);
    ASSERT_EQ(events.size(), 2U);
    expect_same_event(events[0], plain);
    expect_same_event(events[1], with_row);
    const auto mark = this->store->last_commit();
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->term, this->term);
    EXPECT_EQ(mark->seq, 1U);
    EXPECT_EQ(mark->logical_now, Instant{1'000});
    EXPECT_EQ(mark->wall, WallTime{2'000});
    EXPECT_EQ(mark->moment.boot_id, "boot");
    EXPECT_EQ(mark->moment.at, Instant{3'000});
}

TYPED_TEST_P(StoreConformance, RowsAreReplacedAndRemoved) {
    ASSERT_EQ(
        this->store->commit(this->term, 1, make_commit({make_row("a", "1"), make_row("b", "1")})),
        CommitOutcome::kCommitted);
    const RowChange removed{Table::kJob, "b", std::nullopt};
    const RowChange absent{Table::kJob, "never there", std::nullopt};
    ASSERT_EQ(
        this->store->commit(this->term, 2, make_commit({make_row("a", "2"), removed, absent})),
        CommitOutcome::kCommitted);
    const TableRows want{{{Table::kJob, "a"}, "2"}};
    EXPECT_EQ(read_rows(*this->store), want);
}

TYPED_TEST_P(StoreConformance, LaterChangeOfOneRowInACommitWins) {
    const RowChange removed{Table::kJob, "b", std::nullopt};
    ASSERT_EQ(this->store->commit(this->term, 1,
                                  make_commit({make_row("a", "1"), make_row("a", "2"),
                                               make_row("b", "1"), removed})),
              CommitOutcome::kCommitted);
    const TableRows want{{{Table::kJob, "a"}, "2"}};
    EXPECT_EQ(read_rows(*this->store), want);
}

TYPED_TEST_P(StoreConformance, EmptyCommitMovesOnlyTheMark) {
    Commit commit;
    commit.logical_now = Instant{5};
    ASSERT_EQ(this->store->commit(this->term, 1, commit), CommitOutcome::kCommitted);
    const auto mark = this->store->last_commit();
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->seq, 1U);
    EXPECT_EQ(mark->logical_now, Instant{5});
    EXPECT_TRUE(read_rows(*this->store).empty());
}

TYPED_TEST_P(StoreConformance, OlderTermIsFencedAndWritesNothing) {
    const Term old_term = this->term;
    ASSERT_EQ(this->store->commit(old_term, 1, make_commit({make_row("a", "1")})),
              CommitOutcome::kCommitted);
    this->lead();
    EXPECT_EQ(this->store->commit(old_term, 2,
                                  make_commit({make_row("a", "2")}, {make_event(1, "late")})),
              CommitOutcome::kFenced);
    // Nor may it take a repeated commit for its own.
    EXPECT_EQ(this->store->commit(old_term, 1, make_commit({make_row("a", "1")})),
              CommitOutcome::kFenced);
    const TableRows want{{{Table::kJob, "a"}, "1"}};
    EXPECT_EQ(read_rows(*this->store), want);
    EXPECT_TRUE(read_all_events(*this->store).empty());
    EXPECT_EQ(this->store->commit(this->term, 2, make_commit({make_row("a", "3")})),
              CommitOutcome::kCommitted);
}

TYPED_TEST_P(StoreConformance, TermThatNobodyTookIsFenced) {
    EXPECT_EQ(this->store->commit(Term{this->term.value + 1}, 1, make_commit({})),
              CommitOutcome::kFenced);
    EXPECT_EQ(this->store->commit(Term{}, 1, make_commit({})), CommitOutcome::kFenced);
}

TYPED_TEST_P(StoreConformance, RepeatedSeqCountsAsCommittedAndWritesNothing) {
    ASSERT_EQ(this->store->commit(this->term, 1, make_commit({make_row("a", "1")})),
              CommitOutcome::kCommitted);
    EXPECT_EQ(this->store->commit(this->term, 1,
                                  make_commit({make_row("a", "2")}, {make_event(1, "again")})),
              CommitOutcome::kCommitted);
    const TableRows want{{{Table::kJob, "a"}, "1"}};
    EXPECT_EQ(read_rows(*this->store), want);
    EXPECT_TRUE(read_all_events(*this->store).empty());
    EXPECT_EQ(this->store->last_commit()->seq, 1U);
}

TYPED_TEST_P(StoreConformance, GapInSeqIsRefused) {
    EXPECT_EQ(this->store->commit(this->term, 2, make_commit({make_row("a", "1")})),
              CommitOutcome::kFailed);
    EXPECT_TRUE(read_rows(*this->store).empty());
    EXPECT_EQ(this->store->last_commit()->seq, 0U);
}

TYPED_TEST_P(StoreConformance, SeqGoesOnOverTerms) {
    ASSERT_EQ(this->store->commit(this->term, 1, make_commit({})), CommitOutcome::kCommitted);
    this->reopen();
    this->lead();
    // Taking the lead is no commit.
    EXPECT_EQ(this->store->last_commit()->seq, 1U);
    EXPECT_EQ(this->store->commit(this->term, 2, make_commit({})), CommitOutcome::kCommitted);
    EXPECT_EQ(this->store->last_commit()->term, this->term);
}

TYPED_TEST_P(StoreConformance, RefusedEventTakesTheWholeCommitWithIt) {
    ASSERT_EQ(this->store->commit(this->term, 1, make_commit({}, {make_event(1, "first")})),
              CommitOutcome::kCommitted);
    // Event numbers are never reused: this commit is wrong, and none of it may stay.
    EXPECT_EQ(this->store->commit(
                  this->term, 2,
                  make_commit({make_row("a", "1")}, {make_event(2, "second"), make_event(1, "x")})),
              CommitOutcome::kFailed);
    EXPECT_TRUE(read_rows(*this->store).empty());
    EXPECT_EQ(read_all_events(*this->store).size(), 1U);
    EXPECT_EQ(this->store->commit(this->term, 2, make_commit({make_row("a", "2")})),
              CommitOutcome::kCommitted);
}

TYPED_TEST_P(StoreConformance, EventsAreReadInOrderFromACursorUpToALimit) {
    std::vector<Event> events;
    for (std::uint64_t seq = 1; seq <= 10; ++seq)
        events.push_back(make_event(seq, "tick"));
    ASSERT_EQ(this->store->commit(this->term, 1, make_commit({}, events)),
              CommitOutcome::kCommitted);
    const auto page = read_all_events(*this->store, 3, 4);
    ASSERT_EQ(page.size(), 4U);
    EXPECT_EQ(page.front().seq, 4U);
    EXPECT_EQ(page.back().seq, 7U);
    EXPECT_TRUE(read_all_events(*this->store, 10).empty());
    EXPECT_TRUE(read_all_events(*this->store, 0, 0).empty());
}

TYPED_TEST_P(StoreConformance, EventsOfOneJobComeWithoutRowImages) {
    Event image = make_event(2, "row", JobId{1});
    image.row = make_row("j1", "record");
    ASSERT_EQ(this->store->commit(this->term, 1,
                                  make_commit({}, {make_event(1, "job.submitted", JobId{1}), image,
                                                   make_event(3, "job.submitted", JobId{2}),
                                                   make_event(4, "job.cancelled", JobId{1}),
                                                   make_event(5, "job.ended", JobId{1})})),
              CommitOutcome::kCommitted);
    std::vector<std::uint64_t> seqs;
    const auto note = [&seqs](const Event& event) {
        seqs.push_back(event.seq);
        return ok();
    };
    ASSERT_TRUE(this->store->read_job_events(JobId{1}, 0, 10, note));
    EXPECT_EQ(seqs, (std::vector<std::uint64_t>{1, 4, 5}));
    seqs.clear();
    ASSERT_TRUE(this->store->read_job_events(JobId{1}, 1, 1, note));
    EXPECT_EQ(seqs, (std::vector<std::uint64_t>{4}));
}

TYPED_TEST_P(StoreConformance, ErrorOfTheVisitorEndsTheReading) {
    ASSERT_EQ(this->store->commit(this->term, 1,
                                  make_commit({make_row("a", "1"), make_row("b", "1")},
                                              {make_event(1, "x"), make_event(2, "x")})),
              CommitOutcome::kCommitted);
    int calls = 0;
    const auto refuse = [&calls](const auto&) -> Status {
        ++calls;
        return Error{ErrorCode::kCancelled, "enough"};
    };
    const Status loaded = this->store->load(refuse);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(this->store->read_events(0, 10, refuse));
    EXPECT_EQ(calls, 2);
    // The store is as usable as before.
    EXPECT_EQ(this->store->commit(this->term, 2, make_commit({})), CommitOutcome::kCommitted);
}

REGISTER_TYPED_TEST_SUITE_P(StoreConformance, NewStoreIsEmpty, EveryLeadGetsAGreaterTerm,
                            CommittedRowsEventsAndMarkSurviveReopening, RowsAreReplacedAndRemoved,
                            LaterChangeOfOneRowInACommitWins, EmptyCommitMovesOnlyTheMark,
                            OlderTermIsFencedAndWritesNothing, TermThatNobodyTookIsFenced,
                            RepeatedSeqCountsAsCommittedAndWritesNothing, GapInSeqIsRefused,
                            SeqGoesOnOverTerms, RefusedEventTakesTheWholeCommitWithIt,
                            EventsAreReadInOrderFromACursorUpToALimit,
                            EventsOfOneJobComeWithoutRowImages, ErrorOfTheVisitorEndsTheReading);

}  // namespace herder
