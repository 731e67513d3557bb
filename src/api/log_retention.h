#pragma once
// Deletes the logs and metrics of jobs that ended long ago, where the server was told for how long
// they are kept: a bounded amount of work a step. log_archiver.h has the thread.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/log_store.h"
#include "core/step/state.h"

namespace herder::api {

struct EndedJob {
    JobId job;
    std::string team;
    std::uint64_t attempts = 0;
    WallTime ended;  // 0: not known, as of one that only the artifact store told of
};
struct EndedJobs {
    std::vector<EndedJob> jobs;
    JobId last;           // that was looked at
    bool is_end = false;  // there are none behind it
};
// Of the jobs behind this one, in order of their ids; so many are looked at.
EndedJobs ended_jobs(const State& state, JobId after, std::size_t looked_at_max);

class LogRetention {
  public:
    struct Options {
        std::optional<Duration> keep{};  // nothing: for ever
        std::string rule{};              // the same as it was written, one word
        std::function<WallTime()> wall{};
        std::function<EndedJobs(JobId after)> ended_after{};
        std::size_t attempts_a_step = 20;
        std::size_t pieces_a_step = 50;
    };
    LogRetention(LogStore& logs, Options options) : logs_(logs), options_(std::move(options)) {}

    // An error where the store does not answer: the next step begins there; and where it says no:
    // that job is left alone for a while, longer each time, and the next step begins behind it.
    // It ends soon once `is_stopping`, which may be empty.
    Status step(std::function<bool()> is_stopping = {});

  private:
    struct Refusal {
        int times = 0;
        WallTime again;
    };

    bool is_stopping() const { return is_stopping_ && is_stopping_(); }
    void find_jobs();
    // Nothing: that takes more than is left of this step.
    Result<std::optional<bool>> is_due(const EndedJob& job, std::size_t& attempts_left);
    // False: what is left of it is for the next step.
    Result<bool> delete_job(const EndedJob& job, std::size_t& attempts_left);
    bool is_past(JobId job) const { return job.value < past_.size() && past_[job.value]; }
    void pass(JobId job);
    void end_front();
    void leave_alone(JobId job);

    LogStore& logs_;
    const Options options_;
    std::function<bool()> is_stopping_;  // of the step
    std::deque<EndedJob> due_;
    JobId after_;
    std::uint64_t attempt_ = 1;             // of the first of these
    bool has_deleted_ = false;              // anything of it
    WallTime newest_;                       // piece of its attempts before this one
    std::vector<bool> past_;                // by ids: nothing of them is left
    std::map<JobId, WallTime> not_before_;  // of those whose end is not known
    std::map<JobId, Refusal> refused_;
};

}  // namespace herder::api
