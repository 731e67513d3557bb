#pragma once
// Runs a job's setup and command and follows what it says through the files of $HERDER_DIR: steps,
// metrics, completed checkpoints. A job that announces no checkpoint has its folder watched for
// those that its framework writes. Everything said before the command's end is told before it.
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/worker/checkpoint_watch.h"
#include "core/worker/worker_input.h"
#include "worker/checkpoint_staging.h"
#include "worker/folder_listing.h"
#include "worker/job_environment.h"
#include "worker/job_process.h"
#include "worker/line_tail.h"
#include "worker/log_spool.h"

namespace herder {

class JobRunner {
  public:
    using Post = std::function<void(WorkerInput)>;
    // `before`: whether an earlier process has left what a job wrote, outputs among it.
    JobRunner(JobFolders folders, LogSpool& spool, CheckpointStaging& staging, Post post,
              LogSpool::Before before = LogSpool::Before::kForget);
    ~JobRunner();

    void start_setup(const Assignment& assignment, std::vector<std::string> env);
    void start_run(const Assignment& assignment, std::vector<std::string> env);
    // `deadline` by the calendar, for people and scripts.
    void write_stop_file(EndReason reason, WallTime deadline);
    // A file of one line in $HERDER_DIR; its readers never see half of it.
    void write_fact(const std::string& name, const std::string& text);
    // Before anything is started: what no log and no outcome may hold (needles_of).
    void hide(std::vector<std::string> needles);
    JobProcess& process() { return process_; }

  private:
    void watch_files();
    void scan_files();
    void scan_announced();
    void begin_watch(const Assignment& assignment);
    // `is_last`: the job has ended.
    void scan_found(bool is_last);
    void say_cut();
    void say_refused(const std::string& why);
    void publish(Result<CheckpointOffer> offer);
    JobProcess::Hooks make_hooks(std::function<void(worker_input::ProcessEnd)> on_end);

    const JobFolders folders_;
    LogSpool& spool_;
    CheckpointStaging& staging_;
    const Post post_;
    LineTail checkpoints_;
    LineTail metrics_;
    std::vector<std::string> needles_;
    std::uint64_t next_seq_ = 1;
    // Only for a job that announces nothing itself.
    FolderListing listing_{""};
    CheckpointWatch watch_;
    bool has_begun_ = false;  // the watch knows what lay there before
    int cuts_ = 0;            // listings in a row that did not hold all files
    bool is_cut_told_ = false;
    bool has_announced_ = false;
    std::int64_t scans_ = 0;
    std::int64_t step_ = 0;  // the newest that the job, a checkpoint or the resume told
    std::atomic<bool> watching_{false};
    std::thread watcher_;
    JobProcess process_;  // last: its thread uses the rest
};

}  // namespace herder
