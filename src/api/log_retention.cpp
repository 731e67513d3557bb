#include "api/log_retention.h"

#include <algorithm>

#include "base/log.h"

namespace herder::api {

namespace {

// More than anybody numbers; of those beyond it is looked again whether anything is left.
constexpr std::uint64_t kRememberedMax = std::uint64_t{1} << 26;

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

Status LogRetention::step() {
    if (!options_.keep) return ok();
    if (due_.empty()) find_jobs();
    std::size_t attempts_left = options_.attempts_a_step;
    while (!due_.empty() && attempts_left > 0) {
        const EndedJob job = due_.front();
        const Result<bool> done = delete_job(job, attempts_left);
        if (!done) return done.error().with_context("the logs of " + to_text(job.job));
        if (!*done) return ok();
        if (std::exchange(has_deleted_, false))
            log_info("logs.deleted", {{"job", to_text(job.job)}, {"rule", options_.rule}});
        attempt_ = 1;
        due_.pop_front();
    }
    return ok();
}

void LogRetention::find_jobs() {
    EndedJobs found = options_.ended_after(after_);
    after_ = found.is_end ? JobId{} : found.last;
    const WallTime now = options_.wall();
    for (EndedJob& job : found.jobs) {
        const bool is_young = job.ended != WallTime{} && now < job.ended + *options_.keep;
        if (!is_young && !is_past(job.job)) due_.push_back(std::move(job));
    }
}

// Where nobody knows when it ended its newest piece tells.
Result<bool> LogRetention::is_due(const EndedJob& job) {
    if (job.ended != WallTime{}) return true;
    const WallTime now = options_.wall();
    const auto known = not_before_.find(job.job);
    if (known != not_before_.end()) return now >= known->second;
    WallTime newest;
    for (std::uint64_t attempt = 1; attempt <= job.attempts; ++attempt) {
        const auto piece = logs_.newest_piece({{job.job, Fence{attempt}}, "out", job.team});
        if (!piece) return piece.error();
        newest = std::max(newest, *piece);
    }
    not_before_[job.job] = newest + *options_.keep;
    return now >= newest + *options_.keep;
}

Result<bool> LogRetention::delete_job(const EndedJob& job, std::size_t& attempts_left) {
    const Result<bool> due = is_due(job);
    if (!due) return due.error();
    if (!*due) return true;
    const LogDeletion deletion{options_.wall(), options_.rule, false};
    for (; attempt_ <= job.attempts; ++attempt_) {
        if (attempts_left == 0) return false;
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
    if (job.value >= kRememberedMax) return;
    if (past_.size() <= job.value) past_.resize(job.value + 1);
    past_[job.value] = true;
}

}  // namespace herder::api
