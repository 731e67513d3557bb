#pragma once
// The agent's shell: feeds WorkerBrain with what happens on the machine and carries its actions
// out. One loop on the calling thread; transfers, reports, logs and the job have threads of their
// own (listed in ARCHITECTURE.md).
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/worker/upload_pace.h"
#include "core/worker/worker_brain.h"
#include "worker/admission_probe.h"
#include "worker/agent_journal.h"
#include "worker/dead_man.h"
#include "worker/job_runner.h"
#include "worker/machine_clock.h"
#include "worker/secret_files.h"
#include "worker/sync_loop.h"
#include "worker/transfers.h"

namespace herder {

struct AgentSettings {
    std::vector<std::string> urls;  // of the orchestrator
    std::string pin;                // hex SHA-256 of its public key; empty: the system's roots
    IntentId intent;
    std::string join_token;
    std::string home;  // folder for everything
    std::int64_t time_scale = 1;
    std::string version;
    std::vector<std::string> machine_env;  // for the job
    std::map<std::string, std::string> cache_variables{};
    DeadManOptions dead_man;
    AgentLife life;
    Instant container_began;
};

// From the process's environment. Overwrites the secrets in place, so that neither /proc nor a
// child shows them.
Result<AgentSettings> take_settings(char** environment, const std::string& version);

class Agent {
  public:
    Agent(AgentSettings settings, DeadManLink switch_link, const MachineClock& clock);

    // Joins, or goes on for a process that was killed; works, and returns the exit code of the
    // process. `signal_fd` (signalfd) announces that the machine is being stopped.
    int run(int signal_fd);

  private:
    // What the brain is told first.
    Result<WorkerInput> begin(int signal_fd);
    Result<protocol::JoinResponse> join(int signal_fd);
    WorkerInput resume();
    // Before the first report of this process.
    void connect();
    void write_journal();
    void post(WorkerInput input);
    std::optional<WorkerInput> next_input(int signal_fd);
    // The files of a checkpoint, for the upload that may be granted later.
    void remember(const WorkerInput& input);
    void note_upload();
    // What is saved from now on may be the last.
    void note_stop(const WorkerInput& input);
    void measure_health();
    // Files and variables for the job, and nothing of them in any log.
    Status take_secrets(const protocol::SecretsResponse& given);

    void carry_out(const worker_action::SendReport& action);
    void carry_out(const worker_action::StartAdmission& action);
    void carry_out(const worker_action::StartRestore& action);
    void carry_out(const worker_action::StartSetup& action);
    void carry_out(const worker_action::StartRun& action);
    void carry_out(const worker_action::WriteStopFile& action);
    void carry_out(const worker_action::SignalJob& action);
    void carry_out(const worker_action::KillEverything& action);
    void carry_out(const worker_action::Upload& action);
    void carry_out(const worker_action::DiscardCheckpoint& action);
    void carry_out(const worker_action::StoreOutcome& action);
    void carry_out(const worker_action::TouchDeadMan& action);
    void carry_out(const worker_action::DestroySelf& action);
    void carry_out(const worker_action::Leave& action);
    std::vector<std::string> job_env(const Assignment& assignment, std::optional<Instant> until);

    const AgentSettings settings_;
    DeadManLink switch_;
    const MachineClock& clock_;
    const JobFolders folders_;
    const AgentJournal journal_;
    // Of the process before; absent: this one joins.
    const std::optional<AgentJournal::Note> before_;
    AgentJournal::Note note_;
    std::array<std::uint64_t, 3> noted_{};
    WorkerBrain brain_;
    bool left_ = false;
    std::optional<Assignment> assignment_;
    std::map<std::string, std::string> server_env_;
    std::map<std::uint64_t, std::vector<CheckpointFile>> staged_;  // by local_seq
    UploadPace pace_;

    std::mutex mutex_;
    std::deque<WorkerInput> inputs_;  // guarded by mutex_
    int wake_fd_;                     // eventfd: an input is there

    SecretFiles secrets_;
    CheckpointStaging staging_;
    LogSpool spool_;
    ServerLink link_;
    // In the order of use: each uses those before it.
    std::optional<LogShipper> logs_;
    std::optional<Transfers> transfers_;
    std::optional<SyncLoop> sync_;
    std::optional<AdmissionProbe> probe_;
    std::optional<JobRunner> job_;
    std::atomic<bool> measuring_{false};
    std::thread health_thread_;
};

}  // namespace herder
