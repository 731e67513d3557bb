#include "core/step/work.h"

#include "base/assert.h"
#include "base/random.h"
#include "base/record.h"

namespace herder {

void Work::begin(const Input& in) {
    HERDER_ASSERT(in.now >= now);
    if (in.now != now || in.wall != wall) uses_.reset();
    now = in.now;
    wall = in.wall;
    draw_ = in.draw;
}

std::uint64_t Work::jitter() {
    draw_ = mix64(draw_ + 1);
    return draw_;
}

Job& Work::edit_job(JobId id) {
    jobs_.insert(id);
    dirty = true;
    return state.jobs.at(id);
}
Attempt& Work::edit_attempt(AttemptKey key) {
    attempts_.insert(key);
    dirty = true;
    return state.attempts.at(key);
}
Intent& Work::edit_intent(IntentId id) {
    intents_.insert(id);
    uses_.reset();
    dirty = true;
    return state.intents.at(id);
}
Checkpoint& Work::edit_checkpoint(CheckpointId id) {
    checkpoints_.insert(id);
    dirty = true;
    return state.checkpoints.at(id);
}
Meta& Work::edit_meta() {
    meta_ = true;
    return state.meta;
}

Job& Work::add_job(Job job) {
    const JobId id = job.id;
    HERDER_ASSERT(state.jobs.emplace(id, std::move(job)).second);
    Job& added = edit_job(id);
    if (!added.client_key.empty()) state.by_client_key[{added.spec.team, added.client_key}] = id;
    set_phase(added, added.phase);
    return added;
}
Attempt& Work::add_attempt(Attempt attempt) {
    const AttemptKey key = attempt.key();
    HERDER_ASSERT(state.attempts.emplace(key, std::move(attempt)).second);
    state.live_attempts.insert(key);
    return edit_attempt(key);
}
Intent& Work::add_intent(Intent intent) {
    const IntentId id = intent.id;
    state.intents_of[intent.attempt.job].insert(id);
    HERDER_ASSERT(state.intents.emplace(id, std::move(intent)).second);
    state.open_intents.insert(id);
    return edit_intent(id);
}
Checkpoint& Work::add_checkpoint(Checkpoint checkpoint) {
    const CheckpointId id = checkpoint.id;
    state.checkpoints_of[checkpoint.attempt.job].insert(id);
    state.by_local_seq[{checkpoint.intent, checkpoint.local_seq}] = id;
    HERDER_ASSERT(state.checkpoints.emplace(id, std::move(checkpoint)).second);
    Checkpoint& added = edit_checkpoint(id);
    set_state(added, added.state);
    return added;
}
void Work::put_charge(const Charge& charge) {
    const auto known = state.ledger.charges().find(charge.key);
    if (known != state.ledger.charges().end() && known->second == charge) return;
    const auto owner = state.by_contract.find(charge.key.contract);
    const Intent* rental =
        owner == state.by_contract.end() ? nullptr : &state.intents.at(owner->second);
    const bool is_past = rental != nullptr && is_over(rental->phase);
    if (is_past) state.tally.drop_past(state, *rental);
    state.ledger.upsert(charge);
    if (is_past) state.tally.add_past(state, *rental);
    charges_.insert(charge.key);
    uses_.reset();
    dirty = true;
}
void Work::set_budgets(std::vector<BudgetSpec> budgets) {
    edit_meta().budgets = std::move(budgets);
    state.tally.clear();
    uses_.reset();
}
const std::vector<BudgetUse>& Work::budget_uses() {
    if (!uses_) uses_ = state.tally.gather(state, now, wall);
    return *uses_;
}

namespace {

ReadyKey ready_key(const Job& job) {
    return make_ready_key(job.spec.priority, job.submitted, job.id);
}

void index_job(State& state, const Job& job) {
    if (is_terminal(job.phase)) {
        state.active_jobs.erase(job.id);
    } else {
        state.active_jobs.insert(job.id);
    }
    if (is_waiting(job.phase)) {
        state.ready.insert(ready_key(job));
    } else {
        state.ready.erase(ready_key(job));
    }
}

void index_intent(State& state, const Intent& intent) {
    if (is_over(intent.phase)) {
        state.open_intents.erase(intent.id);
    } else {
        state.open_intents.insert(intent.id);
    }
    if (intent.contract) state.by_contract[intent.contract] = intent.id;
}

void index_checkpoint(State& state, const Checkpoint& checkpoint) {
    if (checkpoint.state == CheckpointState::kCommitted ||
        checkpoint.state == CheckpointState::kDeleted) {
        state.open_checkpoints.erase(checkpoint.id);
    } else {
        state.open_checkpoints.insert(checkpoint.id);
    }
}

}  // namespace

void Work::set_phase(Job& job, JobPhase phase) {
    const bool ended = is_terminal(phase) && !is_terminal(job.phase);
    job.phase = std::move(phase);
    if (ended) {
        job.ended = now;
        job.ended_wall = wall;
        job.stop.reset();
        state.tally.forget(job.id);
    }
    index_job(state, job);
    edit_job(job.id);
}
void Work::set_phase(Attempt& attempt, AttemptPhase phase) {
    attempt.phase = std::move(phase);
    if (!attempt.is_live()) {
        state.live_attempts.erase(attempt.key());
        attempt.ended_wall = wall;
    }
    edit_attempt(attempt.key());
}
void Work::set_phase(Intent& intent, IntentPhase phase) {
    if (is_over(intent.phase)) state.tally.drop_past(state, intent);
    intent.phase = std::move(phase);
    const bool gone = std::holds_alternative<rent::Closed>(intent.phase);
    const bool over = is_over(intent.phase);
    if (gone || over) intent.reserved = Usd{};
    index_intent(state, intent);
    if (over) state.tally.add_past(state, intent);
    if (over && is_terminal(state.jobs.at(intent.attempt.job).phase)) {
        state.tally.forget(intent.attempt.job);
    }
    edit_intent(intent.id);
}
void Work::set_state(Checkpoint& checkpoint, CheckpointState next) {
    checkpoint.state = next;
    index_checkpoint(state, checkpoint);
    edit_checkpoint(checkpoint.id);
}

void Work::append(Event event) {
    event.seq = edit_meta().next_event++;
    event.at = now;
    event.wall = wall;
    out.events.push_back(std::move(event));
}

void Work::note(std::string kind, JobId job, std::string subject, Fields fields) {
    dirty = true;
    Event event;
    event.kind = std::move(kind);
    event.job = job;
    event.subject = std::move(subject);
    event.fields = std::move(fields);
    append(std::move(event));
}

void Work::answer(ReplyTo to, Result<ReplyBody> body) {
    if (to == 0) return;
    Reply reply;
    reply.to = to;
    reply.body = std::move(body);
    out.replies.push_back(std::move(reply));
}

void Work::emit(Table table, std::string key, std::string record, JobId job) {
    RowChange change{table, std::move(key), std::move(record)};
    Event event;
    event.kind = "row";
    event.job = job;
    event.row = change;
    append(std::move(event));
    out.changes.push_back(std::move(change));
}

void Work::flush() {
    const std::size_t rows =
        jobs_.size() + attempts_.size() + intents_.size() + checkpoints_.size() + charges_.size();
    if (rows == 0 && !meta_) return;
    out.changes.reserve(out.changes.size() + rows + 1);
    out.events.reserve(out.events.size() + rows + 1);
    for (const JobId id : jobs_) {
        emit(Table::kJob, to_text(id), to_record(state.jobs.at(id)), id);
    }
    for (const AttemptKey& key : attempts_) {
        emit(Table::kAttempt, row_key(key), to_record(state.attempts.at(key)), key.job);
    }
    for (const IntentId id : intents_) {
        const Intent& intent = state.intents.at(id);
        emit(Table::kIntent, to_text(id), to_record(intent), intent.attempt.job);
    }
    for (const CheckpointId id : checkpoints_) {
        const Checkpoint& checkpoint = state.checkpoints.at(id);
        emit(Table::kCheckpoint, to_text(id), to_record(checkpoint), checkpoint.attempt.job);
    }
    for (const ChargeKey& key : charges_) {
        emit(Table::kCharge, row_key(key), to_record(state.ledger.charges().at(key)), JobId{});
    }
    if (!meta_) return;
    // The counter counts this very event too, so that a reload continues after it.
    Event event;
    event.kind = "row";
    event.seq = state.meta.next_event++;
    event.at = now;
    event.wall = wall;
    event.row = RowChange{Table::kMeta, "meta", to_record(state.meta)};
    out.changes.push_back(*event.row);
    out.events.push_back(std::move(event));
}

std::string row_key(AttemptKey key) {
    return to_text(key.job) + "/" + std::to_string(key.fence.value);
}
std::string row_key(const ChargeKey& key) {
    return std::to_string(key.contract.value) + "/" + std::to_string(key.day) + "/" +
           to_string(key.kind);
}
const char* to_string(Table table) {
    switch (table) {
        case Table::kMeta:
            return "meta";
        case Table::kJob:
            return "job";
        case Table::kAttempt:
            return "attempt";
        case Table::kIntent:
            return "intent";
        case Table::kCheckpoint:
            return "checkpoint";
        case Table::kCharge:
            return "charge";
    }
    return "unknown";
}

namespace {

Status load_job(State& state, const std::string& record) {
    Result<Job> job = from_record<Job>(record);
    if (!job) return job.error();
    if (!job->client_key.empty()) state.by_client_key[{job->spec.team, job->client_key}] = job->id;
    index_job(state, *job);
    state.jobs.insert_or_assign(job->id, *job);
    return ok();
}
Status load_attempt(State& state, const std::string& record) {
    Result<Attempt> attempt = from_record<Attempt>(record);
    if (!attempt) return attempt.error();
    if (attempt->is_live()) {
        state.live_attempts.insert(attempt->key());
    } else {
        state.live_attempts.erase(attempt->key());
    }
    state.attempts.insert_or_assign(attempt->key(), *attempt);
    return ok();
}
Status load_intent(State& state, const std::string& record) {
    Result<Intent> intent = from_record<Intent>(record);
    if (!intent) return intent.error();
    state.intents_of[intent->attempt.job].insert(intent->id);
    index_intent(state, *intent);
    state.intents.insert_or_assign(intent->id, *intent);
    return ok();
}
Status load_checkpoint(State& state, const std::string& record) {
    Result<Checkpoint> checkpoint = from_record<Checkpoint>(record);
    if (!checkpoint) return checkpoint.error();
    state.checkpoints_of[checkpoint->attempt.job].insert(checkpoint->id);
    state.by_local_seq[{checkpoint->intent, checkpoint->local_seq}] = checkpoint->id;
    index_checkpoint(state, *checkpoint);
    state.checkpoints.insert_or_assign(checkpoint->id, *checkpoint);
    return ok();
}

}  // namespace

Status load_row(State& state, const RowChange& row) {
    if (!row.record) return ok();
    state.tally.clear();
    const std::string where = std::string("row ") + to_string(row.table) + " " + row.key;
    switch (row.table) {
        case Table::kMeta: {
            Result<Meta> meta = from_record<Meta>(*row.record);
            if (!meta) return meta.error().with_context(where);
            state.meta = *meta;
            return ok();
        }
        case Table::kJob:
            return load_job(state, *row.record).with_context(where);
        case Table::kAttempt:
            return load_attempt(state, *row.record).with_context(where);
        case Table::kIntent:
            return load_intent(state, *row.record).with_context(where);
        case Table::kCheckpoint:
            return load_checkpoint(state, *row.record).with_context(where);
        case Table::kCharge: {
            Result<Charge> charge = from_record<Charge>(*row.record);
            if (!charge) return charge.error().with_context(where);
            state.ledger.upsert(*charge);
            return ok();
        }
    }
    return Error{ErrorCode::kCorrupt, where + ": unknown table"};
}

}  // namespace herder
