#pragma once
// Deletes the logs and metrics of jobs that ended long ago, where the server was told for how long
// they are kept: a bounded amount of work a step. That a log is old the server's clock says, and
// the store's own has to agree where it tells its time. log_archiver.h has the thread.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/log_store.h"
#include "api/past_jobs.h"
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

// A job whose logs are to go, and the store does not let go of them.
struct DeniedLogs {
    JobId job;
    int tries = 0;
    std::string why;
};

class LogRetention {
  public:
    struct Options {
        std::optional<Duration> keep{};  // nothing: for ever
        std::string rule{};              // the same as it was written, one word
        std::function<WallTime()> wall{};
        std::int64_t scale_milli = 1000;  // how fast that clock runs, and the store's does not
        std::function<EndedJobs(JobId after)> ended_after{};
        std::string past_file{};  // as PastJobs has it
        std::size_t looks_a_step = 100;
        std::size_t pieces_a_step = 200;
    };
    LogRetention(LogStore& logs, Options options)
        : logs_(logs), options_(std::move(options)), past_(options_.past_file) {}

    // An error where the store does not answer: the next step begins there; and where it says no:
    // that job is left alone for a while, longer each time, and the next step begins behind it.
    // It ends soon once `is_stopping`, which may be empty.
    Status step(std::function<bool()> is_stopping = {});
    // Since this server began, in order of their ids. Any thread.
    std::vector<DeniedLogs> denied() const;

  private:
    struct Refusal {
        int times = 0;
        WallTime again;
        std::string why;
    };
    // What is left of a step.
    struct Left {
        std::size_t looks = 0;
        std::size_t pieces = 0;
    };

    bool is_stopping() const { return is_stopping_ && is_stopping_(); }
    void find_jobs();
    bool is_for_now(const EndedJob& job, WallTime now) const;
    // How long it is until the time is over.
    Duration missing(const EndedJob& job, const HeldLogs& held);
    Duration missing_by_store(WallTime newest);
    // False: what is left of it is for the next step.
    Result<bool> delete_job(const EndedJob& job, Left& left);
    Result<bool> delete_held(const EndedJob& job, const HeldLogs& held, Left& left);
    void leave_alone(JobId job, const Error& why);

    LogStore& logs_;
    const Options options_;
    std::function<bool()> is_stopping_;  // of the step
    std::deque<EndedJob> due_;
    JobId after_;
    PastJobs past_;
    bool has_deleted_ = false;              // anything of the first of these
    std::map<JobId, WallTime> not_before_;  // of those that turned out to be younger
    bool has_doubted_ = false;              // and told so

    mutable std::mutex mutex_;
    std::map<JobId, Refusal> refused_;  // guarded by mutex_
};

}  // namespace herder::api
