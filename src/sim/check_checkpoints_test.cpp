#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct CheckpointCheckers : CheckerPlace {
    CheckpointCheckers() { add_checkpoint_checkers(checkers); }
    void commit_checkpoint(std::uint64_t id, std::uint64_t seq, std::uint64_t fence,
                           std::int64_t step, std::uint64_t parent) {
        Checkpoint checkpoint;
        checkpoint.id = CheckpointId{id};
        checkpoint.attempt = {JobId{1}, Fence{fence}};
        checkpoint.commit_seq = seq;
        checkpoint.step = step;
        checkpoint.parent = CheckpointId{parent};
        checkpoint.state = CheckpointState::kCommitted;
        state.checkpoints[checkpoint.id] = checkpoint;
        Commit made;
        made.changes.push_back({Table::kCheckpoint, to_text(checkpoint.id), ""});
        Event event;
        event.kind = "checkpoint.committed";
        made.events.push_back(event);
        commit(made);
    }
};

TEST_F(CheckpointCheckers, LinearChainIsFine) {
    commit_checkpoint(1, 1, 1, 10, 0);
    commit_checkpoint(2, 2, 1, 20, 1);
    EXPECT_TRUE(stage.violations.empty());
}

TEST_F(CheckpointCheckers, StaleFenceIsSeen) {
    commit_checkpoint(1, 1, 2, 10, 0);
    commit_checkpoint(2, 2, 1, 20, 0);
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, StepBelowItsParentIsSeen) {
    commit_checkpoint(1, 1, 1, 10, 0);
    commit_checkpoint(2, 2, 1, 9, 1);
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, ForeignParentIsSeen) {
    commit_checkpoint(1, 1, 1, 10, 0);
    commit_checkpoint(2, 2, 2, 20, 1);
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, ForgedOriginIsSeen) {
    objects.put(CheckpointId{1}, {{JobId{1}, Fence{1}}, {}});
    commit_checkpoint(1, 1, 1, 10, 0);
    EXPECT_FALSE(is_violated("16 checkpoint-chain"));
    objects.put(CheckpointId{2}, {{JobId{1}, Fence{1}}, {}});
    commit_checkpoint(2, 2, 2, 20, 0);
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, ParentThatWasNotRestoredIsSeen) {
    commit_checkpoint(1, 1, 1, 10, 0);
    Attempt attempt;
    attempt.job = JobId{1};
    attempt.fence = Fence{2};
    attempt.resumed_from = CheckpointId{1};
    state.attempts[attempt.key()] = attempt;
    objects.put(CheckpointId{2}, {attempt.key(), {}});
    commit_checkpoint(2, 2, 2, 20, 1);
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, CommittedWithoutObjectsIsSeen) {
    commit_checkpoint(1, 1, 1, 10, 0);
    for (int minute = 0; minute < 20; ++minute) {
        for (const auto& checker : checkers)
            checker->on_minute(sight());
    }
    EXPECT_TRUE(is_violated("17 checkpoint-readable"));
}

}  // namespace

}  // namespace herder::sim
