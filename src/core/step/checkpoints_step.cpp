// Checkpoints: from the agent's offer to a committed fact, and to their retirement.
#include <algorithm>
#include <limits>

#include "core/checkpoints/retention.h"
#include "core/step/steps.h"

namespace herder {

namespace {

std::vector<const Checkpoint*> of_job(const State& state, JobId job) {
    std::vector<const Checkpoint*> list;
    const auto found = state.checkpoints_of.find(job);
    if (found == state.checkpoints_of.end()) return list;
    for (const CheckpointId id : found->second)
        list.push_back(&state.checkpoints.at(id));
    return list;
}

// What a commit of this attempt follows: its own newest commit, else what it restored.
const Checkpoint* parent_of(const State& state, const Attempt& attempt) {
    const Checkpoint* parent = nullptr;
    for (const Checkpoint* checkpoint : of_job(state, attempt.job)) {
        const bool own = checkpoint->attempt == attempt.key() &&
                         (checkpoint->state == CheckpointState::kCommitted ||
                          checkpoint->state == CheckpointState::kDeleting ||
                          checkpoint->state == CheckpointState::kDeleted) &&
                         checkpoint->commit_seq > 0;
        if (own && (parent == nullptr || checkpoint->commit_seq > parent->commit_seq))
            parent = checkpoint;
    }
    if (parent == nullptr && attempt.resumed_from)
        parent = &state.checkpoints.at(*attempt.resumed_from);
    return parent;
}

// What a live attempt of the job went on from.
CheckpointId in_use_of(const State& state, JobId job) {
    const auto attempt = state.attempts.find({job, state.jobs.at(job).fence});
    if (attempt == state.attempts.end() || !attempt->second.is_live()) return {};
    return attempt->second.resumed_from.value_or(CheckpointId{});
}

void abort(Work& work, CheckpointId id, const std::string& why) {
    Checkpoint& checkpoint = work.edit_checkpoint(id);
    retire(work, checkpoint, CheckpointState::kAborted);
    work.note("checkpoint.aborted", checkpoint.attempt.job, checkpoint.name, {{"why", why}});
}

CheckpointId add_offered(Work& work, const Intent& intent, const CheckpointOffer& offer) {
    const Attempt& attempt = work.state.attempts.at(intent.attempt);
    Checkpoint checkpoint;
    checkpoint.id = CheckpointId{work.edit_meta().next_checkpoint++};
    checkpoint.attempt = intent.attempt;
    checkpoint.intent = intent.id;
    checkpoint.local_seq = offer.local_seq;
    checkpoint.step = offer.step;
    checkpoint.kind = offer.kind;
    checkpoint.name = make_checkpoint_name(offer.step, intent.attempt.fence, checkpoint.id);
    checkpoint.metrics = offer.metrics;
    checkpoint.created = work.now;
    const Checkpoint* parent = parent_of(work.state, attempt);
    if (parent != nullptr) checkpoint.parent = parent->id;
    std::string fault = find_offer_fault(offer);
    if (fault.empty() && parent != nullptr && offer.step <= parent->step) {
        fault = "its step is not above that of the checkpoint before";
    }
    if (fault.empty()) checkpoint.files = offer.files;
    const CheckpointId id = checkpoint.id;
    work.add_checkpoint(std::move(checkpoint));
    if (!fault.empty()) {
        abort(work, id, fault);
        tell_refusal(
            work, intent,
            "the checkpoint of step " + std::to_string(offer.step) + " was refused: " + fault);
    }
    return id;
}

bool is_settled(CheckpointState state) {
    return state != CheckpointState::kUploading && state != CheckpointState::kCommitting;
}

void write_manifest(Work& work, const Checkpoint& checkpoint) {
    const Job& job = work.state.jobs.at(checkpoint.attempt.job);
    work.release(effect::WriteManifest{checkpoint, job.commit_seq + 1, job.spec.team});
}

void seal(Work& work, CheckpointId id, const CheckpointOffer& offer) {
    Checkpoint& checkpoint = work.edit_checkpoint(id);
    if (offer.files != checkpoint.files)
        return abort(work, id, "its files changed while it was uploaded");
    work.set_state(checkpoint, CheckpointState::kCommitting);
    write_manifest(work, checkpoint);
}

}  // namespace

void tell_refusal(Work& work, const Intent& intent, const std::string& reason) {
    // A training may name another file in each; people are told enough of them to understand.
    constexpr std::size_t kToldMax = 20;
    const auto lease = work.state.leases.find(intent.id);
    if (lease == work.state.leases.end()) return;
    const std::string why = reason.substr(0, AgentReport::kReasonMax);
    std::set<std::string>& told = lease->second.refusals_told;
    if (told.size() >= kToldMax || !told.insert(why).second) return;
    work.note("checkpoint.refused", intent.attempt.job, row_key(intent.attempt), {{"why", why}});
}

void handle_offer(Work& work, const Intent& intent, const std::optional<CheckpointOffer>& offer,
                  AgentOrders& orders) {
    if (offer && offer->local_seq > 0) {
        const auto known = work.state.by_local_seq.find({intent.id, offer->local_seq});
        CheckpointId id{};
        if (known != work.state.by_local_seq.end()) {
            id = known->second;
        } else if (!offer->sealed) {
            id = add_offered(work, intent, *offer);
        }
        if (id && offer->sealed &&
            work.state.checkpoints.at(id).state == CheckpointState::kUploading) {
            seal(work, id, *offer);
        }
        if (id && work.state.checkpoints.at(id).state == CheckpointState::kUploading) {
            orders.grant = UploadGrant{id, offer->local_seq, work.state.checkpoints.at(id).name};
        }
        if (!id) orders.settled_local_seq = offer->local_seq;  // sealed, but never granted
    }
    // Newest first, so that a long history of this agent costs nothing.
    const auto& numbers = work.state.by_local_seq;
    auto it = numbers.upper_bound({intent.id, std::numeric_limits<std::uint64_t>::max()});
    while (it != numbers.begin() && (--it)->first.first == intent.id) {
        const Checkpoint& checkpoint = work.state.checkpoints.at(it->second);
        if (!is_settled(checkpoint.state)) continue;
        orders.settled_local_seq = std::max(orders.settled_local_seq, checkpoint.local_seq);
        if (checkpoint.commit_seq == 0) continue;
        orders.committed_local_seq = checkpoint.local_seq;
        break;
    }
}

namespace {

void run_retention(Work& work, const Job& job) {
    for (const CheckpointId id : retention_choice(work.state, job.id, job.spec.checkpoint)) {
        Checkpoint& checkpoint = work.edit_checkpoint(id);
        retire(work, checkpoint, CheckpointState::kDeleting);
        work.note("checkpoint.retired", job.id, checkpoint.name);
    }
}

void commit(Work& work, Checkpoint& checkpoint, const std::string& sha256) {
    Job& job = work.edit_job(checkpoint.attempt.job);
    checkpoint.commit_seq = ++job.commit_seq;
    checkpoint.manifest_sha256 = sha256;
    checkpoint.committed = work.now;
    checkpoint.committed_wall = work.wall;
    checkpoint.trouble.clear();
    job.best_step = std::max(job.best_step, checkpoint.step);
    job.infra_losses = 0;  // it made progress
    work.set_state(checkpoint, CheckpointState::kCommitted);
    work.note("checkpoint.committed", job.id, checkpoint.name,
              {{"step", std::to_string(checkpoint.step)},
               {"seq", std::to_string(checkpoint.commit_seq)}});
    run_retention(work, job);
}

// There was no usable answer, or a no that speaks of keys, rights or the request. Writing the same
// manifest again is harmless, but not for ever: a live attempt has newer ones, which wait behind
// this one; and the parts that a lost one left are given up in the store at some time.
void ask_again(Work& work, Checkpoint& checkpoint, const input::ManifestWritten& in) {
    if (checkpoint.asks++ == 0) checkpoint.asked_since = work.now;
    checkpoint.trouble = in.detail;
    // An hour without an answer says nothing about the no that comes after it.
    if (!in.denied) checkpoint.denied_since = Instant{};
    if (in.denied && checkpoint.denied_since == Instant{}) checkpoint.denied_since = work.now;
    const auto attempt = work.state.attempts.find(checkpoint.attempt);
    const bool has_newer = attempt != work.state.attempts.end() && attempt->second.is_live();
    const bool is_hurried = in.denied && has_newer;
    const Duration patience =
        is_hurried ? work.settings.commit_denied_patience : work.settings.commit_patience;
    // Nobody asked before we led, and a wall clock that was set forward makes that seem long.
    const Instant first = is_hurried ? checkpoint.denied_since : checkpoint.asked_since;
    const Instant since = std::max(first, work.state.leads_since);
    if (work.now - since >= patience) {
        return abort(work, checkpoint.id,
                     "the storage has not taken it in " + to_text(patience) + ": " + in.detail);
    }
    if (checkpoint.asks == kAsksBeforeTold) {
        work.note("checkpoint.delayed", checkpoint.attempt.job, checkpoint.name,
                  {{"why", in.detail}});
    }
    checkpoint.retired = work.now + store_pause(work.settings, checkpoint.asks);
}

}  // namespace

void on_manifest(Work& work, const input::ManifestWritten& in) {
    const auto found = work.state.checkpoints.find(in.checkpoint);
    if (found == work.state.checkpoints.end()) return;
    work.dirty = true;
    if (found->second.state != CheckpointState::kCommitting) return;
    Checkpoint& checkpoint = work.edit_checkpoint(in.checkpoint);
    const Job& job = work.state.jobs.at(checkpoint.attempt.job);
    if (in.outcome == input::CallOutcome::kRefused) return abort(work, checkpoint.id, in.detail);
    // Compare and set on the fence: a newer attempt owns the job's history now.
    if (job.fence != checkpoint.attempt.fence)
        return abort(work, checkpoint.id, "fenced by a newer attempt");
    if (in.outcome == input::CallOutcome::kDone) {
        checkpoint.verified = in.verified;
        return commit(work, checkpoint, in.manifest_sha256);
    }
    ask_again(work, checkpoint, in);
}

namespace {

Status change_checkpoint(Work& work, const input::ChangeCheckpoint& in, Checkpoint& one) {
    using input::CheckpointVerb;
    const JobId job = one.attempt.job;
    if (in.verb == CheckpointVerb::kRemove) {
        const std::string fault =
            find_removal_fault(of_job(work.state, job), one, in_use_of(work.state, job));
        if (!fault.empty()) {
            return Error{ErrorCode::kConflict,
                         "checkpoint " + one.name + " cannot be deleted: " + fault};
        }
        one.manifest_sha256.clear();  // nothing brings back what a person deleted
        retire(work, one, CheckpointState::kDeleting);
        work.note("checkpoint.removed", job, one.name, {{"actor", in.actor}});
        return ok();
    }
    if (one.state != CheckpointState::kCommitted) {
        return Error{ErrorCode::kConflict,
                     "checkpoint " + one.name + " is " + to_string(one.state)};
    }
    switch (in.verb) {
        case CheckpointVerb::kPin:
            one.pinned = true;
            work.note("checkpoint.pinned", job, one.name, {{"actor", in.actor}});
            break;
        case CheckpointVerb::kUnpin:
            one.pinned = false;
            work.note("checkpoint.unpinned", job, one.name, {{"actor", in.actor}});
            break;
        case CheckpointVerb::kVerified:
            // All of it was read and compared: what machines said of it was their own fault.
            one.verified = true;
            one.quarantined = false;
            one.doubted_by = {};
            work.note("checkpoint.verified", job, one.name, {{"actor", in.actor}});
            break;
        case CheckpointVerb::kDamaged:
            one.verified = false;
            quarantine(work, one.id, in.detail);
            break;
        case CheckpointVerb::kRemove:
            break;
    }
    return ok();
}

}  // namespace

void on_change_checkpoint(Work& work, const input::ChangeCheckpoint& in) {
    if (!work.state.checkpoints.contains(in.checkpoint)) {
        return work.answer(in.reply_to,
                           not_found("there is no checkpoint " + to_text(in.checkpoint)));
    }
    Checkpoint& one = work.edit_checkpoint(in.checkpoint);
    const JobId job = one.attempt.job;
    const Status done = change_checkpoint(work, in, one);
    work.dirty = true;
    if (!done) return work.answer(in.reply_to, done.error());
    work.answer(in.reply_to, ReplyBody(reply::Changed{job}));
}

namespace {

void revive(Work& work, JobId job) {
    for (const CheckpointId other : plan_revival(of_job(work.state, job))) {
        Checkpoint& again = work.edit_checkpoint(other);
        again.retired = Instant{};
        work.set_state(again, CheckpointState::kCommitted);
        work.note("checkpoint.revived", job, again.name, {{"why", "a newer one is damaged"}});
    }
}

}  // namespace

void quarantine(Work& work, CheckpointId id, const std::string& why) {
    Checkpoint& bad = work.edit_checkpoint(id);
    bad.quarantined = true;
    work.note("checkpoint.quarantined", bad.attempt.job, bad.name, {{"why", why}});
    revive(work, bad.attempt.job);
}

bool is_doubted_by(const State& state, const Checkpoint& checkpoint, const Intent& machine) {
    if (!checkpoint.doubted_by) return false;
    if (checkpoint.doubted_by == machine.id) return true;
    const auto first = state.intents.find(checkpoint.doubted_by);
    return first != state.intents.end() && machine.offer.machine != 0 &&
           first->second.offer.machine == machine.offer.machine;
}

void doubt(Work& work, CheckpointId id, const Intent& machine) {
    const Checkpoint& one = work.state.checkpoints.at(id);
    if (one.quarantined || is_doubted_by(work.state, one, machine)) return;
    if (one.doubted_by)
        return quarantine(work, id, "two machines could not restore it: it did not verify");
    Checkpoint& doubted = work.edit_checkpoint(id);
    doubted.doubted_by = machine.id;
    work.note("checkpoint.doubted", doubted.attempt.job, doubted.name,
              {{"machine", std::to_string(machine.offer.machine)}});
    revive(work, doubted.attempt.job);
}

void seal_uploads(Work& work, AttemptKey attempt) {
    const std::vector<CheckpointId> open = snapshot(work.state.open_checkpoints);
    for (const CheckpointId id : open) {
        Checkpoint& checkpoint = work.state.checkpoints.at(id);
        if (checkpoint.attempt != attempt || checkpoint.state != CheckpointState::kUploading)
            continue;
        // Not the newest of all, which the attempt may have left aside as doubtful.
        const Checkpoint* parent = parent_of(work.state, work.state.attempts.at(attempt));
        if (parent != nullptr && checkpoint.step <= parent->step) {
            abort(work, id, "a later one is committed");
            continue;
        }
        work.set_state(work.edit_checkpoint(id), CheckpointState::kCommitting);
        write_manifest(work, checkpoint);
    }
}

std::vector<CheckpointId> retention_choice(const State& state, JobId job,
                                           const CheckpointSpec& rules) {
    return plan_retention(of_job(state, job), rules, in_use_of(state, job));
}

const Checkpoint* resume_choice(const State& state, JobId job, const Intent* machine) {
    const auto may_be = [&](const Checkpoint& one) {
        return machine == nullptr || !is_doubted_by(state, one, *machine);
    };
    if (const Checkpoint* own = choose_resume(of_job(state, job), may_be)) return own;
    const std::optional<CheckpointId>& other = state.jobs.at(job).spec.start_from;
    const Checkpoint* found = other ? find_good(state, *other) : nullptr;
    return found != nullptr && may_be(*found) ? found : nullptr;
}

const Checkpoint* find_good(const State& state, CheckpointId id) {
    const auto found = state.checkpoints.find(id);
    if (found == state.checkpoints.end() || found->second.quarantined) return nullptr;
    return found->second.state == CheckpointState::kCommitted ? &found->second : nullptr;
}

PendingCommit pending_commit(const State& state, JobId job) {
    PendingCommit found = PendingCommit::kNone;
    for (const CheckpointId id : state.open_checkpoints) {
        const Checkpoint& checkpoint = state.checkpoints.at(id);
        if (checkpoint.attempt.job != job || checkpoint.state != CheckpointState::kCommitting)
            continue;
        if (checkpoint.retired == Instant{}) return PendingCommit::kUnderWay;
        found = PendingCommit::kAskedAgain;
    }
    return found;
}

Duration store_pause(const Settings& settings, int asks) {
    constexpr int kQuickAsks = 10;  // so many follow soon after each other
    const Duration quick = settings.outcome_retry;
    return asks < kQuickAsks ? quick : std::max(quick, settings.commit_retry_max);
}

void sweep_checkpoints(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    const std::vector<CheckpointId> open = snapshot(work.state.open_checkpoints);
    for (const CheckpointId id : open) {
        Checkpoint& checkpoint = work.state.checkpoints.at(id);
        if (checkpoint.state == CheckpointState::kCommitting) {
            if (checkpoint.retired == Instant{}) continue;
            if (work.now < checkpoint.retired) {
                work.wake(checkpoint.retired);
                continue;
            }
            work.edit_checkpoint(id).retired = Instant{};
            write_manifest(work, checkpoint);
        } else if (checkpoint.state != CheckpointState::kUploading) {
            ask_for_deletion(work, id);
        }
    }
}

}  // namespace herder
