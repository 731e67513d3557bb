#include "api/log_retention.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/back_off.h"
#include "base/log.h"

namespace herder::api {

namespace {

// How long what the store says no to is left alone: at first, and at most.
constexpr Duration kRefused = minutes(10);
constexpr Duration kRefusedMax = hours(24);
// The last pieces are stored a little after the job has ended.
constexpr Duration kStoredAfter = minutes(10);
// Clocks are set right meanwhile.
constexpr Duration kLookAgainMax = hours(24);
// Of the engine's pages, that may hold nothing that is due.
constexpr int kPagesAStep = 10;

}  // namespace

EndedJobs ended_jobs(const State& state, JobId after, std::size_t looked_at_max) {
    EndedJobs found;
    found.last = after;
    auto it = state.jobs.upper_bound(after);
    for (; it != state.jobs.end() && looked_at_max > 0; ++it, --looked_at_max) {
        const Job& job = it->second;
        found.last = job.id;
        if (is_terminal(job.phase))
            found.jobs.push_back({job.id, job.spec.team, job.fence.value, job.ended_wall});
    }
    found.is_end = it == state.jobs.end();
    return found;
}

Status LogRetention::step(std::function<bool()> is_stopping) {
    if (!options_.keep) return ok();
    is_stopping_ = std::move(is_stopping);
    for (int page = 0; page < kPagesAStep && due_.empty(); ++page) {
        find_jobs();
        if (after_ == JobId{}) break;  // that was the last one
    }
    Left left{options_.looks_a_step, options_.pieces_a_step};
    while (!due_.empty() && left.looks > 0 && !this->is_stopping()) {
        const EndedJob job = due_.front();
        const Result<bool> done = delete_job(job, left);
        if (!done && !is_retryable(done.error().code)) leave_alone(job.job, done.error());
        if (!done) return done.error().with_context("the logs of " + to_text(job.job));
        if (!*done) return ok();
        due_.pop_front();
        has_deleted_ = false;
    }
    return ok();
}

// A later round finds it again.
void LogRetention::leave_alone(JobId job, const Error& why) {
    due_.pop_front();
    has_deleted_ = false;
    const std::lock_guard lock(mutex_);
    Refusal& refusal = refused_[job];
    refusal.again = options_.wall() + back_off(kRefused, refusal.times++, kRefusedMax);
    refusal.why = why.message;
}

std::vector<DeniedLogs> LogRetention::denied() const {
    const std::lock_guard lock(mutex_);
    std::vector<DeniedLogs> all;
    for (const auto& [job, refusal] : refused_)
        all.push_back({job, refusal.times, refusal.why});
    return all;
}

void LogRetention::find_jobs() {
    EndedJobs found = options_.ended_after(after_);
    after_ = found.is_end ? JobId{} : found.last;
    const WallTime now = options_.wall();
    for (EndedJob& job : found.jobs) {
        if (is_for_now(job, now)) due_.push_back(std::move(job));
    }
}

bool LogRetention::is_for_now(const EndedJob& job, WallTime now) const {
    if (job.ended != WallTime{} && now < job.ended + *options_.keep) return false;
    if (past_.has(job.job, job.attempts)) return false;
    const auto young = not_before_.find(job.job);
    if (young != not_before_.end() && now < young->second) return false;
    const std::lock_guard lock(mutex_);
    const auto refusal = refused_.find(job.job);
    return refusal == refused_.end() || now >= refusal->second.again;
}

// Where nobody knows when it ended its newest piece tells.
Duration LogRetention::missing(const EndedJob& job, const HeldLogs& held) {
    const WallTime ended = job.ended != WallTime{} ? job.ended : held.newest;
    const Duration by_server = ended + *options_.keep - options_.wall();
    if (by_server > Duration{} || !held.newest_stored) return by_server;
    return missing_by_store(*held.newest_stored);
}

// A server whose clock is a year ahead, or was a year behind, would delete everything.
Duration LogRetention::missing_by_store(WallTime newest) {
    const std::optional<WallTime> now = logs_.store_now();
    if (!now) return {};
    const Duration age = (*now - newest) * options_.scale_milli / 1000;
    const Duration left = *options_.keep - age - kStoredAfter;
    if (left <= Duration{} || std::exchange(has_doubted_, true)) return left;
    log_warn("logs.age_doubted", {{"store", to_rfc3339(*now)},
                                  {"server", to_rfc3339(options_.wall())},
                                  {"newest", to_rfc3339(newest)}});
    return left;
}

// Twice: of what is deleted now the second listing shows nothing, unless it lags.
Result<bool> LogRetention::delete_job(const EndedJob& job, Left& left) {
    for (int round = 0; round < 2; ++round) {
        if (left.looks == 0 || is_stopping()) return false;
        --left.looks;
        const auto held = logs_.held(job.team, job.job);
        if (!held) return held.error();
        const Duration young_for = missing(job, *held);
        if (young_for > Duration{}) {
            not_before_[job.job] = options_.wall() + std::min(young_for, kLookAgainMax);
            return true;
        }
        const auto was_gone = delete_held(job, *held, left);
        if (!was_gone) return was_gone.error();
        has_deleted_ = has_deleted_ || !*was_gone;
        if (!*was_gone && left.pieces == 0) return false;
        if (!*was_gone) continue;
        if (has_deleted_)
            log_info("logs.deleted", {{"job", to_text(job.job)}, {"rule", options_.rule}});
        past_.add(job.job, job.attempts);
        not_before_.erase(job.job);
        const std::lock_guard lock(mutex_);
        refused_.erase(job.job);
        return true;
    }
    return false;
}

// Whether nothing was left of any attempt.
Result<bool> LogRetention::delete_held(const EndedJob& job, const HeldLogs& held, Left& left) {
    const LogDeletion deletion{options_.wall(), options_.rule, false};
    std::set<std::uint64_t> attempts;
    for (std::uint64_t attempt = 1; attempt <= job.attempts; ++attempt)
        attempts.insert(attempt);
    for (const auto& [attempt, streams] : held.attempts)
        attempts.insert(attempt);
    bool was_gone = true;
    for (const std::uint64_t attempt : attempts) {
        if (is_stopping()) return false;
        const auto there = held.attempts.find(attempt);
        const auto done = logs_.delete_attempt(
            {{job.job, Fence{attempt}}, "out", job.team}, deletion,
            there == held.attempts.end() ? HeldStreams{} : there->second, left.pieces);
        if (!done) return done.error();
        was_gone = was_gone && *done;
        if (!*done && left.pieces == 0) return false;
    }
    return was_gone;
}

}  // namespace herder::api
