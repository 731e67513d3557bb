#include "core/checkpoints/retention.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Checkpoint committed(std::uint64_t id, std::uint64_t seq) {
    Checkpoint made;
    made.id = CheckpointId{id};
    made.step = static_cast<std::int64_t>(seq) * 100;
    made.state = CheckpointState::kCommitted;
    made.commit_seq = seq;
    made.committed = Instant{} + minutes(static_cast<std::int64_t>(seq) * 10);
    return made;
}

std::vector<Checkpoint> row(std::uint64_t count) {
    std::vector<Checkpoint> all;
    for (std::uint64_t i = 1; i <= count; ++i)
        all.push_back(committed(i, i));
    return all;
}

std::vector<const Checkpoint*> pointers(const std::vector<Checkpoint>& all) {
    std::vector<const Checkpoint*> out;
    for (const Checkpoint& one : all)
        out.push_back(&one);
    return out;
}

CheckpointSpec last(int count) {
    CheckpointSpec rules;
    rules.keep_last = count;
    return rules;
}

TEST(Retention, KeepsTheNewestByCommitOrder) {
    const std::vector<Checkpoint> all = {committed(4, 1), committed(3, 2), committed(2, 3),
                                         committed(1, 4)};
    EXPECT_EQ(plan_retention(pointers(all), last(3), {}), (std::vector<CheckpointId>{{4}}));
    EXPECT_EQ(plan_retention(pointers(all), last(4), {}), std::vector<CheckpointId>{});
}

TEST(Retention, NeverTouchesTheNewestTwoNorOneInUse) {
    const std::vector<Checkpoint> all = {committed(1, 1), committed(2, 2), committed(3, 3),
                                         committed(4, 4)};
    EXPECT_EQ(plan_retention(pointers(all), last(0), {}), (std::vector<CheckpointId>{{2}, {1}}));
    EXPECT_EQ(plan_retention(pointers(all), last(1), {1}), (std::vector<CheckpointId>{{2}}));
}

TEST(Retention, ABadCheckpointNeverPushesAGoodOneOut) {
    std::vector<Checkpoint> all = {committed(1, 1), committed(2, 2), committed(3, 3),
                                   committed(4, 4)};
    all[3].quarantined = true;
    all[2].quarantined = true;
    EXPECT_TRUE(plan_retention(pointers(all), last(2), {}).empty());
    all.push_back(committed(5, 5));
    all.push_back(committed(6, 6));
    EXPECT_EQ(plan_retention(pointers(all), last(2), {}),
              (std::vector<CheckpointId>{{4}, {3}, {2}, {1}}));
}

TEST(Retention, OneInDoubtNeverPushesAGoodOneOutAndBringsOneBack) {
    std::vector<Checkpoint> all = {committed(1, 1), committed(2, 2), committed(3, 3)};
    all[2].doubted_by = IntentId{7};
    EXPECT_TRUE(plan_retention(pointers(all), last(2), {}).empty());
    all[0].state = CheckpointState::kDeleting;
    all[0].manifest_sha256 = "abc";
    EXPECT_EQ(plan_revival(pointers(all)), (std::vector<CheckpointId>{{1}}));
}

TEST(Retention, IgnoresWhatIsNotCommitted) {
    std::vector<Checkpoint> all = {committed(1, 1), committed(2, 2), committed(3, 3)};
    all[0].state = CheckpointState::kDeleted;
    EXPECT_TRUE(plan_retention(pointers(all), last(2), {}).empty());
}

TEST(Retention, KeepsTheFirstOfEveryStretchOfSteps) {
    CheckpointSpec rules = last(2);
    rules.keep_every_steps = 300;
    std::vector<Checkpoint> all = row(10);
    EXPECT_EQ(plan_retention(pointers(all), rules, {}),
              (std::vector<CheckpointId>{{8}, {7}, {5}, {4}, {2}, {1}}));
    // The same ones when the others have gone.
    std::erase_if(all, [](const Checkpoint& one) { return one.id.value % 3 != 0; });
    EXPECT_TRUE(plan_retention(pointers(all), rules, {}).empty());
}

TEST(Retention, KeepsOneInEveryTime) {
    CheckpointSpec rules = last(2);
    rules.keep_every = minutes(40);
    EXPECT_EQ(plan_retention(pointers(row(10)), rules, {}),
              (std::vector<CheckpointId>{{8}, {7}, {6}, {4}, {3}, {2}}));
}

TEST(Retention, KeepsTheBestByAMetric) {
    std::vector<Checkpoint> all = row(8);
    const char* losses[] = {"0.5", "0.2", "nan", "0.4", "0.2", "oops", "0.9", "0.8"};
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].metrics["loss"] = losses[i];
    CheckpointSpec rules = last(2);
    rules.keep_best = {"loss", false, 1};
    // Of the two best, the newer.
    EXPECT_EQ(plan_retention(pointers(all), rules, {}),
              (std::vector<CheckpointId>{{6}, {4}, {3}, {2}, {1}}));
    rules.keep_best = {"loss", true, 3};
    EXPECT_EQ(plan_retention(pointers(all), rules, {}),
              (std::vector<CheckpointId>{{6}, {5}, {4}, {3}, {2}}));
}

TEST(Retention, PinsAndFinalOnesStay) {
    std::vector<Checkpoint> all = row(6);
    all[0].pinned = true;
    all[1].kind = CheckpointKind::kFinal;
    EXPECT_EQ(plan_retention(pointers(all), last(2), {}), (std::vector<CheckpointId>{{4}, {3}}));
}

TEST(Retention, TheLastTwoThatVerifiedAreNeverRetired) {
    std::vector<Checkpoint> all = row(8);
    for (const std::size_t i : {0U, 1U, 2U})
        all[i].verified = true;
    EXPECT_EQ(plan_retention(pointers(all), last(2), {}),
              (std::vector<CheckpointId>{{6}, {5}, {4}, {1}}));
    all[2].quarantined = true;
    EXPECT_EQ(plan_retention(pointers(all), last(2), {}),
              (std::vector<CheckpointId>{{6}, {5}, {4}, {3}}));
}

TEST(Removal, APersonMayDeleteWhatIsNotTheLastResort) {
    std::vector<Checkpoint> all = row(4);
    EXPECT_EQ(find_removal_fault(pointers(all), all[0], {}), "");
    EXPECT_NE(find_removal_fault(pointers(all), all[3], {}), "");
    EXPECT_NE(find_removal_fault(pointers(all), all[2], {}), "");
    EXPECT_NE(find_removal_fault(pointers(all), all[0], all[0].id), "");
    all[0].pinned = true;
    EXPECT_NE(find_removal_fault(pointers(all), all[0], {}), "");
    all[1].verified = true;
    EXPECT_NE(find_removal_fault(pointers(all), all[1], {}), "");
    all[3].quarantined = true;
    EXPECT_EQ(find_removal_fault(pointers(all), all[3], {}), "") << "a damaged one is no resort";
    all[2].state = CheckpointState::kDeleting;
    EXPECT_NE(find_removal_fault(pointers(all), all[2], {}), "");
}

TEST(Retention, RetiredOnesAreWantedAgainWhileTheyAreAmongTheLastTwoGoodOnes) {
    std::vector<Checkpoint> all = row(4);
    for (Checkpoint& one : all)
        one.manifest_sha256 = "abc";
    all[0].state = CheckpointState::kDeleting;
    all[1].state = CheckpointState::kDeleting;
    EXPECT_TRUE(plan_revival(pointers(all)).empty());
    all[3].quarantined = true;
    EXPECT_EQ(plan_revival(pointers(all)), (std::vector<CheckpointId>{{2}}));
    all[1].manifest_sha256.clear();
    EXPECT_EQ(plan_revival(pointers(all)), (std::vector<CheckpointId>{{1}})) << "2 is going";
    all[1].state = CheckpointState::kDeleted;
    all[0].quarantined = true;
    EXPECT_TRUE(plan_revival(pointers(all)).empty());
}

}  // namespace
}  // namespace herder
