#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct CheckpointCheckers : CheckerPlace {
    CheckpointCheckers() { add_checkpoint_checkers(checkers); }
    static Checkpoint make_checkpoint(std::uint64_t id, std::uint64_t seq, std::uint64_t fence,
                                      std::int64_t step, std::uint64_t parent) {
        Checkpoint checkpoint;
        checkpoint.id = CheckpointId{id};
        checkpoint.attempt = {JobId{1}, Fence{fence}};
        checkpoint.commit_seq = seq;
        checkpoint.step = step;
        checkpoint.parent = CheckpointId{parent};
        checkpoint.name = make_checkpoint_name(step, checkpoint.attempt.fence, checkpoint.id);
        checkpoint.files = {{"state.bin", Bytes{4}, 7, 0644}};
        checkpoint.state = CheckpointState::kCommitted;
        return checkpoint;
    }
    void commit_checkpoint(std::uint64_t id, std::uint64_t seq, std::uint64_t fence,
                           std::int64_t step, std::uint64_t parent) {
        const Checkpoint checkpoint = make_checkpoint(id, seq, fence, step, parent);
        state.checkpoints[checkpoint.id] = checkpoint;
        Commit made;
        made.changes.push_back({Table::kCheckpoint, to_text(checkpoint.id), ""});
        Event event;
        event.kind = "checkpoint.committed";
        made.events.push_back(event);
        commit(made);
    }
    void abort(const Checkpoint& checkpoint, const std::string& why) {
        objects.before_look(checkpoint.id);
        tell("checkpoint.aborted", checkpoint, why);
    }
    void set_aside(const Checkpoint& checkpoint, const std::string& why) {
        tell("checkpoint.quarantined", checkpoint, why);
    }
    void tell(const char* kind, const Checkpoint& checkpoint, const std::string& why) {
        state.checkpoints[checkpoint.id] = checkpoint;
        Event event;
        event.kind = kind;
        event.subject = checkpoint.name;
        event.fields = {{"why", why}};
        Commit made;
        made.changes.push_back({Table::kCheckpoint, to_text(checkpoint.id), ""});
        made.events.push_back(event);
        commit(made);
    }
    void end() {
        for (const auto& checker : checkers)
            checker->on_end(sight());
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
    objects.begin(make_checkpoint(1, 1, 1, 10, 0), {{JobId{1}, Fence{1}}, {}});
    commit_checkpoint(1, 1, 1, 10, 0);
    EXPECT_FALSE(is_violated("16 checkpoint-chain"));
    objects.begin(make_checkpoint(2, 2, 2, 20, 0), {{JobId{1}, Fence{1}}, {}});
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
    objects.begin(make_checkpoint(2, 2, 2, 20, 1), {attempt.key(), {}});
    commit_checkpoint(2, 2, 2, 20, 1);
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, ManifestOfNoCommitIsSeenInTheEnd) {
    commit_checkpoint(1, 1, 1, 10, 0);
    Checkpoint one = state.checkpoints.at(CheckpointId{1});
    objects.place(one, {one.attempt, {}});
    objects.place_manifest(one, 1);
    end();
    EXPECT_FALSE(is_violated("16 checkpoint-chain"));
    one.attempt.fence = Fence{2};
    objects.place_manifest(one, 1);
    end();
    EXPECT_TRUE(is_violated("16 checkpoint-chain"));
}

TEST_F(CheckpointCheckers, RefusalOfWhatHadArrivedIsSeen) {
    Checkpoint one = make_checkpoint(1, 0, 1, 10, 0);
    one.state = CheckpointState::kAborted;
    objects.begin(one, {one.attempt, {}});
    abort(one, "object o/0000: nothing was uploaded");
    objects.place(one, {one.attempt, {}});
    abort(one, "object o/0000: nothing was uploaded");
    EXPECT_FALSE(is_violated("18 no-regress")) << "nothing had arrived at the first look";
    one = make_checkpoint(2, 0, 1, 20, 0);
    one.state = CheckpointState::kAborted;
    objects.place(one, {one.attempt, {}});
    abort(one, "fenced by a newer attempt");
    EXPECT_FALSE(is_violated("18 no-regress")) << "that is the order of attempts";
    abort(one, "object o/0000: nothing was uploaded");
    EXPECT_TRUE(is_violated("18 no-regress"));
}

TEST_F(CheckpointCheckers, WhatOneMachineCondemnsIsSeen) {
    for (const std::uint64_t id : {1U, 2U}) {
        Checkpoint one = make_checkpoint(id, id, 1, static_cast<std::int64_t>(10 * id), id - 1);
        one.quarantined = true;
        objects.begin(one, {one.attempt, {}});
        objects.note_failure(one.id, 70);
        objects.note_failure(one.id, id == 1 ? 71 : 70);
        state.checkpoints[one.id] = one;
        Commit made;
        made.changes.push_back({Table::kCheckpoint, to_text(one.id), ""});
        commit(made);
        EXPECT_EQ(is_violated("46 two-witnesses"), id == 2);
    }
}

TEST_F(CheckpointCheckers, OneWhoseManifestIsGoneNeedsNoWitness) {
    Checkpoint one = make_checkpoint(1, 1, 1, 10, 0);
    one.quarantined = true;
    objects.place(one, {one.attempt, {}});
    set_aside(one, "its manifest is not in the storage any more");
    EXPECT_TRUE(is_violated("46 two-witnesses"));
    EXPECT_FALSE(is_violated("50 set-aside-stays"));
    EXPECT_EQ(stage.marks.hits(Mark::kGoneSeen), 0U);
}

TEST_F(CheckpointCheckers, SettingAsideWithoutAWordIsSeen) {
    Checkpoint one = make_checkpoint(1, 1, 1, 10, 0);
    one.quarantined = true;
    set_aside(one, "");
    EXPECT_TRUE(is_violated("50 set-aside-stays"));
}

struct RestoreCheckers : CheckpointCheckers {
    FakeNetwork network{stage};
    std::vector<JobPlan> plans;
    std::map<std::uint64_t, int> runs;
    AgentWorld world{stage,   network,      objects, provider, plans, runs, [] { return nullptr; },
                     nullptr, Mutant::kNone};
    Checkpoint one = make_checkpoint(1, 1, 1, 10, 0);

    void restore_on(std::int64_t machine) {
        Rental rental;
        rental.machine = machine;
        const FakeAgent agent(world, rental);
        Assignment assignment;
        assignment.resume_from = one.id;
        for (const auto& checker : checkers)
            checker->on_restoring(sight(), agent, assignment);
    }
};

TEST_F(RestoreCheckers, WhatWasSetAsideIsNotRestoredAgain) {
    objects.place(one, {one.attempt, {}});
    objects.place_manifest(one, 1);
    one.quarantined = true;
    objects.note_failure(one.id, 70);
    objects.note_failure(one.id, 71);
    set_aside(one, "two machines");
    restore_on(72);
    EXPECT_FALSE(is_violated("50 set-aside-stays")) << "orders may be a moment old";
    stage.schedule.after(minutes(11), [] {});
    stage.schedule.run_next(Instant{} + hours(1));
    restore_on(72);
    EXPECT_TRUE(is_violated("50 set-aside-stays"));
}

TEST_F(RestoreCheckers, WhatNobodyCanReadIsNotTriedWithoutEnd) {
    objects.place(one, {one.attempt, {}});
    objects.place_manifest(one, 1);
    for (std::int64_t machine = 70; machine < 74; ++machine) {
        restore_on(machine);
        objects.note_unread(one.id, machine);
    }
    EXPECT_TRUE(stage.violations.empty());
    restore_on(73);
    EXPECT_TRUE(stage.violations.empty()) << "the same machine";
    objects.note_restored(one.id);
    restore_on(74);
    EXPECT_TRUE(stage.violations.empty()) << "one could";
    for (std::int64_t machine = 75; machine < 79; ++machine)
        objects.note_unread(one.id, machine);
    restore_on(79);
    EXPECT_TRUE(is_violated("52 no-endless-try"));
}

}  // namespace

}  // namespace herder::sim
