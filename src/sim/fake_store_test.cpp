#include "sim/fake_store.h"

#include "tests/conformance/store_conformance.h"

namespace herder {

namespace {

struct FakePlace {
    sim::FakeStoreBody body;
    FakePlace() { body.keeps_events = true; }
    std::unique_ptr<Store> open() { return std::make_unique<sim::FakeStore>(body); }
};

Commit one_row() {
    Commit commit;
    commit.changes.push_back(make_row("j1", "text"));
    return commit;
}

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, StoreConformance, FakePlace);

namespace sim {

CommitOutcome commit_with(FakeStoreBody& body, FakeStore& store, CommitFate fate) {
    body.decide_fate = [fate](Term) { return fate; };
    return store.commit(Term{1}, 1, one_row());
}

TEST(FakeStore, LostAnswerIsWrittenAndRepeatable) {
    FakeStoreBody body;
    FakeStore store(body);
    ASSERT_TRUE(store.lead());
    EXPECT_EQ(commit_with(body, store, CommitFate::kAnswerLost), CommitOutcome::kUnknown);
    EXPECT_EQ(body.rows().size(), 1U);
    EXPECT_EQ(store.commit(Term{1}, 1, one_row()), CommitOutcome::kCommitted);
}

TEST(FakeStore, CrashBeforeWritesNothingAndEndsTheHandle) {
    FakeStoreBody body;
    FakeStore store(body);
    ASSERT_TRUE(store.lead());
    EXPECT_EQ(commit_with(body, store, CommitFate::kCrashBefore), CommitOutcome::kUnknown);
    EXPECT_TRUE(body.rows().empty());
    EXPECT_TRUE(store.has_crashed());
    EXPECT_FALSE(store.last_commit());
}

TEST(FakeStore, CrashAfterHasWritten) {
    FakeStoreBody body;
    FakeStore store(body);
    ASSERT_TRUE(store.lead());
    EXPECT_EQ(commit_with(body, store, CommitFate::kCrashAfter), CommitOutcome::kUnknown);
    EXPECT_EQ(body.rows().size(), 1U);
    EXPECT_TRUE(store.has_crashed());
}

TEST(FakeStore, FullDiskWritesNothing) {
    FakeStoreBody body;
    FakeStore store(body);
    ASSERT_TRUE(store.lead());
    EXPECT_EQ(commit_with(body, store, CommitFate::kDiskFull), CommitOutcome::kFailed);
    EXPECT_TRUE(body.rows().empty());
}

}  // namespace sim

}  // namespace herder
