#pragma once
// Moves files between the machine and the artifact store, one task after another on a thread of its
// own: restore, checkpoint uploads, outputs and the outcome. Verifies while it reads.
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "adapters/http/cancel.h"
#include "core/worker/worker_input.h"
#include "protocol/output_hashes.h"
#include "worker/checkpoint_staging.h"
#include "worker/checkpoint_upload.h"
#include "worker/data_cache.h"
#include "worker/job_environment.h"
#include "worker/log_shipper.h"
#include "worker/output_files.h"
#include "worker/output_upload.h"
#include "worker/server_link.h"

namespace herder {

class Transfers {
  public:
    struct Places {
        JobFolders folders;
        std::string home;
        Bytes piece_size{16 << 20};  // of what is restored
        // Of the machine, for the cache of data (data_cache.h); the job's own win.
        std::map<std::string, std::string> variables{};
        // While the attempt is being stopped, for outputs from which nothing arrives: how the job
        // ended comes behind them.
        Duration outputs_in_stop = seconds(10);
    };
    struct Hooks {
        std::function<protocol::SyncResponse()> newest;
        std::function<void(WorkerInput)> post;
        // Puts the secrets where the job finds them.
        std::function<Status(const protocol::SecretsResponse&)> on_secrets;
        std::function<void(const std::string& line)> say;  // progress, for the job's log
    };

    Transfers(ServerLink& link, LogShipper& logs, CheckpointStaging& staging, Places places);
    ~Transfers();
    // Before the first task.
    void connect(Hooks hooks);

    // `gifts` came with the assignment; later answers need not repeat its URLs.
    void restore(const Assignment& assignment, protocol::SyncResponse gifts);
    // Before any upload, where an earlier process has restored and staged: what it has offered is
    // verified and may be uploaded.
    void resume(const Assignment& assignment, std::vector<CheckpointOffer> offers);
    void upload(const UploadGrant& grant, const std::vector<CheckpointFile>& files);
    // Its files are not needed any more: what is sent of them is broken off, so that the outputs
    // and the outcome need not wait for it.
    void give_up_upload(std::uint64_t local_seq);
    // Outputs, the rest of the logs, then the outcome, then the hashes of the outputs; `limit` is
    // real time. In a stop the logs that are there come first (core/worker/transfer_order.h).
    void store_outcome(const AttemptOutcome& outcome, const std::vector<std::string>& outputs,
                       Duration limit);
    // A restore under way may put the checkpoint in its place now.
    void note_setup_over();
    // Breaks a restore under way; no RestoreEnded comes.
    void cancel_restore();

    // Where the job finds the checkpoint of the assignment; empty: none.
    std::string resume_path() const;

  private:
    void loop();
    void enqueue(std::function<void()> task);
    // As the job's environment says it; what is no size is told and ignored.
    void limit_uploads(const JobSpec& spec);
    worker_input::RestoreEnded run_restore(const Assignment& assignment,
                                           const protocol::SyncResponse& gifts,
                                           const http::CancelToken& cancel);
    worker_input::RestoreEnded fetch_checkpoint(const Assignment& assignment,
                                                const protocol::RestorePlan& plan,
                                                const http::CancelToken& cancel);
    worker_input::RestoreEnded place_checkpoint(const Assignment& assignment);
    // What comes before the checkpoint; its secrets and the SDK, too.
    Status fetch_files(const Assignment& assignment, const protocol::SyncResponse& gifts,
                       const http::CancelToken& cancel);
    bool is_setup_over() const;
    // False: the restore is not wanted any more.
    bool await_setup(const http::CancelToken& cancel);
    std::unique_ptr<DataCache> open_cache(const JobSpec& spec) const;
    // A signed URL of the plan, from the newest answer that names it.
    std::string url_of(const protocol::RestorePlan& plan, std::size_t file) const;
    Status fetch_secrets(const http::CancelToken& cancel);
    Status fetch_archive(const std::string& url, const std::string& sha256,
                         const std::string& folder, const http::CancelToken& cancel);
    FoundOutputs find_outputs(const std::vector<std::string>& patterns);
    OutputUpload::Sent store_outputs(const std::vector<OutputFile>& files, Duration limit);
    Status store_outcome_text(const AttemptOutcome& outcome);
    void tell_hashes(protocol::OutputHashes hashes, const std::set<std::string>& missing);
    // Tries `call` again, with growing jittered waits, while its error may pass.
    Status persist(const std::function<Status()>& call, const http::CancelToken* cancel, int tries);

    ServerLink& link_;
    LogShipper& logs_;
    CheckpointStaging& staging_;
    const Places places_;
    Hooks hooks_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_, like all below
    std::deque<std::function<void()>> tasks_;
    // Shared by the restore under way and the main thread that may break it.
    std::shared_ptr<http::CancelToken> restore_cancel_;
    // Shared by the task and whoever gives it up.
    std::shared_ptr<CheckpointUpload> upload_;
    std::uint64_t upload_seq_ = 0;
    OutputUpload* outputs_ = nullptr;      // under way; the task's
    OutputUpload::Memory outputs_memory_;  // the task's
    bool are_outputs_told_ = false;        // the task's
    std::string resume_path_;
    bool is_setup_over_ = false;
    http::CancelToken stop_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace herder
