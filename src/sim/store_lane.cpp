#include "sim/store_lane.h"

#include <utility>

#include "engine/run_look.h"
#include "sim/mutant_store.h"

namespace herder::sim {

namespace {

constexpr Duration kSweepEvery = hours(1);
// Calls of a commit with two objects, and a few more.
constexpr std::uint64_t kCallsMax = 12;

CheckpointCommit::Hooks commit_hooks(FakeObjects& objects) {
    CheckpointCommit::Hooks hooks;
    hooks.checkpoint_key = [&objects](const std::string&, const Checkpoint& checkpoint,
                                      const std::string& object) {
        return objects.folder_of(checkpoint) + object;
    };
    hooks.manifest_text = to_manifest_text;
    hooks.job_record_key = [](const std::string&, JobId job) {
        return "v1/" + to_text(job) + "/job.json";
    };
    hooks.job_record = [](JobId job) { return to_text(job); };
    return hooks;
}

void mark_refusal(Marks& marks, const std::string& why) {
    marks.hit(Mark::kManifestRefused);
    if (why.find("checksum") != std::string::npos) marks.hit(Mark::kDamageRefused);
    if (why.find("another manifest") != std::string::npos) marks.hit(Mark::kForgeryRefused);
}

std::unique_ptr<ObjectStore> make_bent(FakeObjects& objects, Mutant mutant) {
    if (!MutantStore::is_for(mutant)) return nullptr;
    return std::make_unique<MutantStore>(objects, mutant);
}

}  // namespace

StoreLane::StoreLane(Stage& stage, FakeObjects& objects, Mutant mutant, std::uint64_t process,
                     Hooks hooks)
    : stage_(stage),
      objects_(objects),
      mutant_(mutant),
      draw_(mix64(stage.seed) ^ process, "store_lane"),
      hooks_(std::move(hooks)),
      bent_(make_bent(objects, mutant)),
      commit_(bent_ ? *bent_ : objects.bucket(), commit_hooks(objects)) {}

void StoreLane::take(const Effect& effect) {
    waiting_.push_back(effect);
    serve();
}

void StoreLane::serve() {
    if (is_busy_ || waiting_.empty()) return;
    is_busy_ = true;
    stage_.schedule.after(milliseconds(draw_.between(5, 400)),
                          [this] { hooks_.when_running([this] { run_first(); }); });
}

void StoreLane::run_first() {
    const Effect effect = std::move(waiting_.front());
    waiting_.pop_front();
    FakeBucket& bucket = objects_.bucket();
    (void)bucket.take_spent();
    if (stage_.faults.strikes(Fault::kCrashInStore, 10'000)) {
        RandomStream& draw = stage_.faults.stream(Fault::kCrashInStore);
        bucket.cut_after(static_cast<int>(draw.below(kCallsMax)));
    }
    std::optional<InputBody> answer = carry_out(effect);
    sweep();
    const Duration spent = bucket.take_spent();
    if (bucket.mend()) {
        stage_.marks.hit(Mark::kDiedInStore);
        return hooks_.kill();
    }
    stage_.schedule.after(spent, [this, answer = std::move(answer)] {
        hooks_.when_running([this, answer] {
            is_busy_ = false;
            if (answer) hooks_.post(*answer);
            serve();
        });
    });
}

void StoreLane::sweep() {
    if (stage_.now() < next_sweep_) return;
    commit_.sweep(stage_.true_wall());
    next_sweep_ = stage_.now() + kSweepEvery;
}

std::optional<InputBody> StoreLane::carry_out(const Effect& effect) {
    if (const auto* manifest = std::get_if<effect::WriteManifest>(&effect)) return write(*manifest);
    if (const auto* deletion = std::get_if<effect::DeleteObjects>(&effect))
        return remove(*deletion);
    if (const auto* look = std::get_if<effect::LookAtRun>(&effect)) return look_at(*look);
    return find(std::get<effect::FindOutcome>(effect));
}

std::optional<InputBody> StoreLane::write(const effect::WriteManifest& write) {
    const Checkpoint& checkpoint = write.checkpoint;
    if (mutant_ == Mutant::kManifestFirst) {
        (void)objects_.bucket().put(objects_.folder_of(checkpoint) + "manifest.json",
                                    to_manifest_text(checkpoint, write.commit_seq), true);
    }
    objects_.before_look(checkpoint.id);
    const bool was_there = objects_.manifest(checkpoint.id).has_value();
    input::ManifestWritten written = commit_.write(write);
    const bool is_done = written.outcome == input::CallOutcome::kDone;
    const StoredCheckpoint* stored = objects_.find(checkpoint.id);
    const bool is_forged = stored != nullptr && stored->is_forged;
    if (is_done && was_there && !is_forged) stage_.marks.hit(Mark::kManifestWasThere);
    if (is_done && !was_there) objects_.expose(checkpoint.id);
    if (written.outcome == input::CallOutcome::kRefused) mark_refusal(stage_.marks, written.detail);
    if (mutant_ == Mutant::kUnansweredIsRefused &&
        written.outcome == input::CallOutcome::kUnknown) {
        written.outcome = input::CallOutcome::kRefused;
    }
    if (mutant_ == Mutant::kDenialUnreported && written.denied) return std::nullopt;
    return written;
}

// The planted defect: rotation takes the newest for the oldest.
effect::DeleteObjects StoreLane::with_newest(const effect::DeleteObjects& deletion) const {
    effect::DeleteObjects other = deletion;
    for (const auto& [id, checkpoint] : hooks_.state()->checkpoints) {
        const bool is_newer = checkpoint.attempt.job == deletion.checkpoint.attempt.job &&
                              checkpoint.state == CheckpointState::kCommitted &&
                              checkpoint.commit_seq > other.checkpoint.commit_seq;
        if (is_newer) other.checkpoint = checkpoint;
    }
    return other;
}

// The planted defect: all but the newest two go, whatever was seen to verify.
void StoreLane::rotate_by_count(const effect::DeleteObjects& deletion) {
    std::vector<const Checkpoint*> of_job;
    for (const auto& [id, checkpoint] : hooks_.state()->checkpoints) {
        if (checkpoint.attempt.job == deletion.checkpoint.attempt.job)
            of_job.push_back(&checkpoint);
    }
    const auto newest = newest_first(of_job);
    for (std::size_t i = 2; i < newest.size(); ++i)
        (void)commit_.remove({*newest[i], deletion.team});
}

input::ObjectsDeleted StoreLane::remove(const effect::DeleteObjects& deletion) {
    const Checkpoint& checkpoint = deletion.checkpoint;
    if (mutant_ == Mutant::kNewestDeleted && checkpoint.commit_seq > 0) {
        input::ObjectsDeleted deleted = commit_.remove(with_newest(deletion));
        deleted.checkpoint = checkpoint.id;
        return deleted;
    }
    if (mutant_ == Mutant::kVerifiedDeleted && checkpoint.commit_seq > 0) rotate_by_count(deletion);
    if (mutant_ == Mutant::kObjectsDeletedFirst) {
        for (std::size_t i = 0; i < checkpoint.files.size(); ++i)
            (void)objects_.bucket().remove(objects_.folder_of(checkpoint) + object_name(i));
    }
    input::ObjectsDeleted deleted = commit_.remove(deletion);
    const bool is_done = deleted.outcome == input::CallOutcome::kDone;
    if (!is_done) stage_.marks.hit(Mark::kDeletionRepeated);
    if (mutant_ == Mutant::kFailedDeleteIsDone) deleted.outcome = input::CallOutcome::kDone;
    return deleted;
}

std::optional<InputBody> StoreLane::look_at(const effect::LookAtRun& look) {
    // A right that is taken away, and given back by a person some time later.
    if (stage_.faults.strikes(Fault::kStoreDenies, 20'000)) {
        RandomStream& draw = stage_.faults.stream(Fault::kStoreDenies);
        looks_denied_until_ = stage_.now() + minutes(draw.between(10, 180));
    }
    if (stage_.now() < looks_denied_until_)
        return look_failed(look.job, Error{ErrorCode::kForbidden, "403 AccessDenied"});
    RunLookHooks hooks;
    hooks.run_prefix = [](const std::string&, JobId job) { return "v1/" + to_text(job) + "/"; };
    hooks.checkpoints_prefix = hooks.run_prefix;
    hooks.attempt_prefix = [](const std::string&, AttemptKey key) {
        return "v1/" + to_text(key.job) + "/attempts/" + std::to_string(key.fence.value) + "/";
    };
    hooks.checkpoint_key = commit_hooks(objects_).checkpoint_key;
    auto seen = look_at_run(bent_ ? *bent_ : objects_.bucket(), hooks, look);
    if (!seen && mutant_ == Mutant::kUnansweredIsGone && look.resume) {
        input::RunSeen gone;
        gone.job = look.job;
        gone.is_empty = false;
        gone.gone = look.resume->id;
        return gone;
    }
    if (!seen) return look_failed(look.job, seen.error());
    return std::move(*seen);
}

std::optional<InputBody> StoreLane::find(const effect::FindOutcome& find) {
    // A store that does not answer says nothing: the core asks again.
    if (stage_.faults.strikes(Fault::kStoreFails, 100'000)) return std::nullopt;
    const auto outcome = objects_.outcome(find.attempt);
    if (outcome) stage_.marks.hit(Mark::kOutcomeFoundInStore);
    return input::OutcomeFound{find.attempt, outcome};
}

}  // namespace herder::sim
