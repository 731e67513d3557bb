#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "engine/input_recorder.h"

namespace herder {

Engine::Engine(Core& core, Store& store, Clock& clock, Entropy& entropy, EffectRunner& effects,
               EngineOptions options)
    : core_(core),
      store_(store),
      clock_(clock),
      entropy_(entropy),
      effects_(effects),
      options_(std::move(options)),
      logical_(clock),
      queue_(options_.commands_max) {}

Engine::~Engine() = default;

Status Engine::start() {
    HERDER_ASSERT(term_ == Term{});
    auto term = store_.lead();
    if (!term) return term.error().with_context("taking the lead");
    term_ = *term;
    auto mark = store_.last_commit();
    if (!mark) return mark.error().with_context("reading the newest commit");
    if (auto loaded = load_rows(); !loaded) return loaded.error().with_context("loading the state");
    seq_ = mark->seq;
    const Downtime downtime = logical_.resume(*mark);
    persisted_ = logical_.now();
    leading_ = true;
    queue_.open();
    log_info("engine.leading", {{"term", std::to_string(term_.value)},
                                {"seq", std::to_string(seq_)},
                                {"downtime", to_text(downtime.length)},
                                {"by", downtime.in_doubt ? "wall clock" : "monotonic clock"}});
    return queue_.push(input::LeadershipGained{
        .term = term_, .downtime = downtime.length, .in_doubt = downtime.in_doubt});
}

Status Engine::load_rows() {
    return store_.load([this](const RowChange& row) {
        if (options_.recorder != nullptr) options_.recorder->record_row(row);
        return core_.load_row(row);
    });
}

Status Engine::post(InputBody body) {
    return queue_.push(std::move(body));
}

bool Engine::pump() {
    if (!leading_) return false;
    answer_superseded();
    if (pending_) return clock_.monotonic() >= pending_->retry_at && try_commit();
    return step_batch(logical_.now());
}

bool Engine::step_batch(Instant now) {
    std::vector<InputBody> bodies = queue_.take(options_.batch_max);
    if (now >= core_wake_) bodies.emplace_back(input::TimerFired{});
    const bool clock_due = now - persisted_ >= options_.persist_clock_every;
    if (bodies.empty() && !clock_due) return false;

    Output output;
    output.wake_at = core_wake_;
    if (!bodies.empty()) {
        const WallTime wall = clock_.wall();
        std::vector<Input> batch;
        batch.reserve(bodies.size());
        for (InputBody& body : bodies) {
            batch.push_back({now, wall, entropy_.draw(), std::move(body)});
        }
        if (options_.recorder != nullptr) options_.recorder->record_batch(batch);
        output = core_.step(batch);
        if (options_.recorder != nullptr) options_.recorder->record_output(output);
        stats_.inputs += batch.size();
        ++stats_.steps;
    }
    core_wake_ = output.wake_at;
    if (output.changes.empty() && output.events.empty() && !clock_due) {
        release(std::move(output), now);
        return true;
    }
    open_commit(std::move(output), now);
    return try_commit();
}

void Engine::open_commit(Output output, Instant now) {
    PendingOutput& pending = pending_.emplace();
    pending.output = std::move(output);
    // Moved, not copied: `release` gives them back to whoever looks at the committed output.
    pending.commit = Commit{.changes = std::move(pending.output.changes),
                            .events = std::move(pending.output.events),
                            .logical_now = now,
                            .wall = clock_.wall(),
                            .moment = logical_.moment_of(now)};
    pending.backoff = options_.retry_first;
}

bool Engine::try_commit() {
    const CommitOutcome outcome =
        pending_->is_unknown ? resolve_unknown() : store_.commit(term_, seq_ + 1, pending_->commit);
    switch (outcome) {
        case CommitOutcome::kCommitted: {
            PendingOutput done = std::move(*pending_);
            pending_.reset();
            ++seq_;
            ++stats_.commits;
            persisted_ = done.commit.logical_now;
            done.output.changes = std::move(done.commit.changes);
            done.output.events = std::move(done.commit.events);
            release(std::move(done.output), logical_.now());
            return true;
        }
        case CommitOutcome::kFenced:
            step_down();
            return true;
        case CommitOutcome::kUnknown:
            ++stats_.unknown_commits;
            // The first time, read back at once; after that the store itself is out of reach.
            if (!std::exchange(pending_->is_unknown, true)) return try_commit();
            postpone();
            return true;
        case CommitOutcome::kFailed:
            ++stats_.failed_commits;
            pending_->is_unknown = false;
            log_warn("engine.commit_failed",
                     {{"seq", std::to_string(seq_ + 1)}, {"retry_in", to_text(pending_->backoff)}});
            postpone();
            return true;
    }
    return true;
}

// kUnknown: the store did not answer. kFailed: it is known not to have the commit.
CommitOutcome Engine::resolve_unknown() {
    const auto mark = store_.last_commit();
    if (!mark) return CommitOutcome::kUnknown;
    if (mark->seq <= seq_) return CommitOutcome::kFailed;
    const bool is_ours = mark->seq == seq_ + 1 && mark->term == term_;
    return is_ours ? CommitOutcome::kCommitted : CommitOutcome::kFenced;
}

void Engine::postpone() {
    pending_->retry_at = clock_.monotonic() + pending_->backoff;
    pending_->backoff = std::min(pending_->backoff * 2, options_.retry_max);
}

void Engine::release(Output output, Instant now) {
    if (options_.on_committed) options_.on_committed(output);
    if (options_.on_reply) {
        for (Reply& reply : output.replies)
            options_.on_reply(std::move(reply));
    }
    for (const Effect& effect : output.effects)
        effects_.run(effect, now);
}

// Callers are told that nothing is known: the new leader may or may not see what they asked for.
void Engine::step_down() {
    leading_ = false;
    const Error lost{ErrorCode::kUnavailable,
                     "another orchestrator has taken the lead; ask it, then repeat if needed"};
    log_error("engine.fenced", {{"term", std::to_string(term_.value)}});
    if (pending_) {
        for (const Reply& reply : pending_->output.replies)
            answer(reply.to, lost);
        pending_.reset();
    }
    for (const ReplyTo to : queue_.close())
        answer(to, lost);
}

void Engine::answer_superseded() {
    for (const ReplyTo to : queue_.take_superseded()) {
        answer(to, {ErrorCode::kConflict, "a newer report of the same agent took its place"});
    }
}

void Engine::answer(ReplyTo to, const Error& error) {
    if (to != 0 && options_.on_reply) options_.on_reply(Reply{to, error});
}

Instant Engine::wake_at() const {
    if (!leading_) return kNever;
    if (pending_) return pending_->retry_at;
    if (!queue_.is_empty()) return Instant{};
    const Instant logical = std::min(core_wake_, persisted_ + options_.persist_clock_every);
    return logical_.to_monotonic(logical);
}

}  // namespace herder
