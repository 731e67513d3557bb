#include "api/log_retention.h"

#include <algorithm>

#include "base/log.h"

namespace herder::api {

namespace {

// More than anybody numbers; of those beyond it is looked again whether anything is left.
constexpr std::uint64_t kRememberedMax = std::uint64_t{1} << 26;
// How long what the store says no to is left alone: at first, and at most.
constexpr Duration kRefused = minutes(10);
constexpr Duration kRefusedMax = hours(24);

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
    if (due_.empty()) find_jobs();
    std::size_t attempts_left = options_.attempts_a_step;
    while (!due_.empty() && attempts_left > 0 && !this->is_stopping()) {
        const EndedJob job = due_.front();
        const Result<bool> done = delete_job(job, attempts_left);
        if (!done) {
            if (!is_retryable(done.error().code)) leave_alone(job.job);
            return done.error().with_context("the logs of " + to_text(job.job));
        }
        if (!*done) return ok();
        if (has_deleted_)
            log_info("logs.deleted", {{"job", to_text(job.job)}, {"rule", options_.rule}});
        end_front();
    }
    return ok();
}

void LogRetention::end_front() {
    due_.pop_front();
    attempt_ = 1;
    newest_ = {};
    has_deleted_ = false;
}

// A later round finds it again.
void LogRetention::leave_alone(JobId job) {
    Refusal& refusal = refused_[job];
    constexpr int kDoublingsMax = 8;
    const Duration pause = kRefused * (1LL << std::min(refusal.times++, kDoublingsMax));
    refusal.again = options_.wall() + std::min(pause, kRefusedMax);
    end_front();
}

void LogRetention::find_jobs() {
    EndedJobs found = options_.ended_after(after_);
    after_ = found.is_end ? JobId{} : found.last;
    const WallTime now = options_.wall();
    for (EndedJob& job : found.jobs) {
        const bool is_young = job.ended != WallTime{} && now < job.ended + *options_.keep;
        const auto refusal = refused_.find(job.job);
        const bool is_refused = refusal != refused_.end() && now < refusal->second.again;
        if (!is_young && !is_refused && !is_past(job.job)) due_.push_back(std::move(job));
    }
}

// Where nobody knows when it ended its newest piece tells.
Result<std::optional<bool>> LogRetention::is_due(const EndedJob& job, std::size_t& attempts_left) {
    if (job.ended != WallTime{}) return std::optional(true);
    const WallTime now = options_.wall();
    if (const auto known = not_before_.find(job.job); known != not_before_.end())
        return std::optional(now >= known->second);
    for (; attempt_ <= job.attempts; ++attempt_) {
        if (attempts_left == 0 || is_stopping()) return std::optional<bool>();
        --attempts_left;
        const auto piece = logs_.newest_piece({{job.job, Fence{attempt_}}, "out", job.team});
        if (!piece) return piece.error();
        newest_ = std::max(newest_, *piece);
    }
    attempt_ = 1;
    not_before_[job.job] = newest_ + *options_.keep;
    return std::optional(now >= newest_ + *options_.keep);
}

Result<bool> LogRetention::delete_job(const EndedJob& job, std::size_t& attempts_left) {
    const auto due = is_due(job, attempts_left);
    if (!due) return due.error();
    if (!*due) return false;
    if (!**due) return true;
    const LogDeletion deletion{options_.wall(), options_.rule, false};
    for (; attempt_ <= job.attempts; ++attempt_) {
        if (attempts_left == 0 || is_stopping()) return false;
        --attempts_left;
        const auto done = logs_.delete_attempt({{job.job, Fence{attempt_}}, "out", job.team},
                                               deletion, options_.pieces_a_step);
        if (!done) return done.error();
        has_deleted_ = has_deleted_ || !*done;
        if (!*done) return false;
    }
    pass(job.job);
    return true;
}

void LogRetention::pass(JobId job) {
    not_before_.erase(job);
    refused_.erase(job);
    if (job.value >= kRememberedMax) return;
    if (past_.size() <= job.value) past_.resize(job.value + 1);
    past_[job.value] = true;
}

}  // namespace herder::api
