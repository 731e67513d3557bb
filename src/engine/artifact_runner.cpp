#include "engine/artifact_runner.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace herder {

namespace {

constexpr std::size_t kOutcomeSizeMax = std::size_t{64} << 10;
constexpr Duration kSweepEvery = hours(1);
constexpr std::chrono::hours kSweepInterval{1};

bool is_ours(const Effect& effect) {
    return std::holds_alternative<effect::WriteManifest>(effect) ||
           std::holds_alternative<effect::DeleteObjects>(effect) ||
           std::holds_alternative<effect::FindOutcome>(effect) ||
           std::holds_alternative<effect::LookAtRun>(effect);
}

// Asked for again while the store does not answer: once in the queue is enough.
bool is_same_look(const Effect& one, const effect::LookAtRun& other) {
    const auto* look = std::get_if<effect::LookAtRun>(&one);
    return look != nullptr && look->job == other.job;
}

}  // namespace

ArtifactRunner::ArtifactRunner(ObjectStore& store, Hooks hooks)
    : store_(store),
      hooks_(std::move(hooks)),
      commit_(store, hooks_),
      thread_([this] { loop(); }) {}

ArtifactRunner::~ArtifactRunner() {
    stop();
}

void ArtifactRunner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        effects_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool ArtifactRunner::take(const Effect& effect) {
    if (!is_ours(effect)) return false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return true;
        if (const auto* look = std::get_if<effect::LookAtRun>(&effect)) {
            // A job waits for it before a machine is rented; it takes less than any commit.
            std::erase_if(effects_, [&](const Effect& one) { return is_same_look(one, *look); });
            effects_.push_front(effect);
        } else {
            effects_.push_back(effect);
        }
    }
    changed_.notify_all();
    return true;
}

void ArtifactRunner::loop() {
    WallTime next_sweep;
    while (true) {
        std::optional<Effect> effect;
        {
            std::unique_lock lock(mutex_);
            const auto is_called = [this] { return stopping_ || !effects_.empty(); };
            if (next_sweep != WallTime{}) changed_.wait_for(lock, kSweepInterval, is_called);
            if (stopping_) return;
            effect = take_next();
        }
        if (effect) run(*effect);
        const WallTime now = hooks_.store_now ? hooks_.store_now() : WallTime{1};
        if (now < next_sweep) continue;
        if (hooks_.store_now) commit_.sweep(now);
        next_sweep = now + kSweepEvery;
    }
}

// Under mutex_. Looks stand in front, but of two in a row the second lets others pass: where a
// store lists slowly they are asked for again and again, and commits need no list.
std::optional<Effect> ArtifactRunner::take_next() {
    if (effects_.empty()) return std::nullopt;
    const auto is_other = [](const Effect& one) {
        return !std::holds_alternative<effect::LookAtRun>(one);
    };
    auto next = effects_.begin();
    if (was_look_) next = std::find_if(effects_.begin(), effects_.end(), is_other);
    if (next == effects_.end()) next = effects_.begin();
    was_look_ = !is_other(*next);
    std::optional<Effect> effect = std::move(*next);
    effects_.erase(next);
    return effect;
}

void ArtifactRunner::run(const Effect& effect) {
    if (const auto* manifest = std::get_if<effect::WriteManifest>(&effect)) {
        input::ManifestWritten written = commit_.write(*manifest);
        const bool is_known = written.outcome != input::CallOutcome::kUnknown;
        tell(std::move(written), is_known);
    } else if (const auto* deletion = std::get_if<effect::DeleteObjects>(&effect)) {
        input::ObjectsDeleted deleted = commit_.remove(*deletion);
        const bool is_known = deleted.outcome != input::CallOutcome::kUnknown;
        tell(std::move(deleted), is_known);
    } else if (const auto* outcome = std::get_if<effect::FindOutcome>(&effect)) {
        find_outcome(*outcome);
    } else if (const auto* look = std::get_if<effect::LookAtRun>(&effect)) {
        look_at(*look);
    }
}

// The next server asks for it anew.
void ArtifactRunner::tell(InputBody body, bool is_known) {
    const bool is_broken_off = !is_known && hooks_.is_stopping && hooks_.is_stopping();
    if (!is_broken_off) hooks_.post(std::move(body));
}

void ArtifactRunner::look_at(const effect::LookAtRun& effect) {
    auto seen = look_at_run(store_, hooks_.run_look, effect);
    if (seen) {
        // What its first attempt leaves would be taken for another job's, once a database is put
        // back from before it. Not where what it goes on from is gone: that may be a disk which is
        // not mounted, and has to look as empty the next time.
        const bool is_new = seen->is_empty && !seen->gone && effect.fence == Fence{};
        if (const Status done = is_new ? commit_.record_job(effect.team, effect.job) : ok(); !done)
            log_warn("storage.job_not_recorded",
                     {{"job", to_text(effect.job)}, {"why", done.error().message}});
        return hooks_.post(std::move(*seen));
    }
    log_warn("storage.look_failed", {{"job", to_text(effect.job)}, {"why", seen.error().message}});
    tell(look_failed(effect.job, seen.error()), false);
}

void ArtifactRunner::find_outcome(const effect::FindOutcome& effect) {
    const Result<std::string> text =
        store_.get(hooks_.outcome_key(effect.team, effect.attempt), kOutcomeSizeMax);
    input::OutcomeFound found;
    found.attempt = effect.attempt;
    if (text) {
        Result<AttemptOutcome> outcome = hooks_.parse_outcome(*text);
        if (outcome) found.outcome = *outcome;
    } else if (text.error().code != ErrorCode::kNotFound) {
        return;  // the core asks again until the store answers
    }
    hooks_.post(std::move(found));
}

}  // namespace herder
