#pragma once
// The agent's decisions, pure: restore, setup, run, publish checkpoints, keep the lease, go on
// detached, stop within the grace, report the outcome, and destroy the machine when nobody is heard
// for too long. It acts through WorkerActions only; time comes in as `now` of one monotonic clock.
//
// An agent that takes the place of one whose process died begins with publishing (Resumed).
//
//   waiting -> restoring -> setup -> running -> publishing -> storing -> done -> left
//
// Where the checkpoint is not needed for setup, setup runs while it comes: from restoring to setup
// and back, until both have ended. A restore that ends the attempt stops setup.
//
// A stop may begin in each of the first four; being fenced ends everything at once from any of
// them. Checkpoints that the job completed before it ended are fed before its ProcessExited.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/jobs/agent_messages.h"
#include "core/worker/checkpoint_slot.h"
#include "core/worker/contact.h"
#include "core/worker/worker_action.h"
#include "core/worker/worker_input.h"

namespace herder {

enum class WorkerStage : int {
    kNew = 0,
    kWaiting,
    kRestoring,
    kSetup,
    kRunning,
    kPublishing,  // the process has ended, its last checkpoints are on their way
    kStoring,     // outputs and outcome go to the artifact store
    kDone,        // the outcome is reported until the orders say leave
    kLeft,
};
const char* to_string(WorkerStage stage);

class WorkerBrain {
  public:
    std::vector<WorkerAction> step(Instant now, const WorkerInput& input);
    // Feed TimerFired then, if nothing else happens before.
    Instant wake_at() const;

    WorkerStage stage() const { return stage_; }
    // The job's processes may be computing: what the simulator's "no double compute" looks at.
    bool is_computing() const;
    bool was_fenced() const { return fenced_; }
    // What the next process of this agent needs, should this one die.
    WorkerMemory memory() const;
    // Cheap, and another one whenever memory() is.
    std::array<std::uint64_t, 3> memory_mark() const;

  private:
    // For the last checkpoints of a job that has ended by itself.
    static constexpr Duration kPublishAfterEnd = minutes(30);

    struct Stop {
        EndReason reason = EndReason::kCancelled;
        Instant soft_at;
        Instant deadline;  // the second signal
        Instant kill_at;
        bool soft_sent = false;
        bool term_sent = false;
    };

    void on(const worker_input::Started& input);
    void on(const worker_input::Resumed& input);
    void on(const worker_input::OrdersReceived& input);
    void on(const worker_input::SyncFailed& input);
    void on(const worker_input::AdmissionEnded& input);
    void on(const worker_input::FilesReady& input);
    void on(const worker_input::RestoreEnded& input);
    void on(const worker_input::SetupEnded& input);
    void on(const worker_input::ProcessExited& input);
    void on(const worker_input::CheckpointFound& input);
    void on(const worker_input::CheckpointRefused& input);
    void on(const worker_input::UploadEnded& input);
    void on(const worker_input::StepSeen& input);
    void on(const worker_input::HealthSeen& input);
    void on(const worker_input::OutcomeStored& input);
    void on(const worker_input::ShutdownNotice& input);
    void on(const worker_input::TimerFired& input);

    void refuse(const std::string& why);
    void begin(IntentId intent, Fence fence, const std::string& version, Duration age);
    // Everything that time alone brings about, in order of urgency.
    void watch_clock();
    void watch_limits();
    void drive_stop();
    void drive_dead_man();
    void drive_ending();
    void report_if_due();

    void follow(const AgentOrders& orders);
    void take_assignment(const Assignment& assignment);
    void start_setup();
    void start_run();
    void end_restore_early(const worker_input::RestoreEnded& input);
    Duration stop_grace() const;
    void begin_stop(EndReason reason, Duration grace);
    void kill_now();
    void finish(AttemptOutcome outcome, Duration publish_for);
    void leave();
    void fence_off();

    bool has_processes() const;
    Instant soft_limit() const;  // a detached job begins to stop here
    AgentPhase phase() const;
    AgentReport make_report();
    void act(WorkerAction action) { actions_.push_back(std::move(action)); }
    void discard(std::optional<std::uint64_t> local_seq);

    Instant now_;
    std::vector<WorkerAction> actions_;
    WorkerStage stage_ = WorkerStage::kNew;
    std::string version_;
    IntentId intent_;
    Fence fence_;
    std::uint64_t sequence_ = 0;
    Instant started_;
    Contact contact_;
    AgentOrders last_orders_;
    bool fenced_ = false;
    bool measuring_ = false;  // once begun; a machine is measured once
    std::optional<AdmissionFacts> admission_;
    std::optional<Assignment> assignment_;
    bool is_restoring_ = false;   // also while setup runs
    bool is_setup_over_ = false;  // it is not run again after another restore
    std::optional<worker_input::RestoreEnded> early_end_;  // of a restore, while setup runs
    bool restored_ = false;
    std::optional<CheckpointId> restore_failed_;
    std::optional<Instant> run_started_;
    Instant run_until_ = kNever;
    Duration ran_;
    std::int64_t step_ = 0;
    MachineHealth health_;
    struct Refusal {
        std::string why;
        std::uint64_t sent_in = 0;  // the first report with it; 0: none yet
    };
    Refusal refusal_;  // of the newest checkpoint that was not taken, until a report is answered
    CheckpointSlot slot_;
    std::optional<Stop> stop_;
    Instant killed_again_at_ = kNever;  // while a killed process has not ended
    std::optional<AttemptOutcome> outcome_;
    Instant publish_until_ = kNever;
    bool storing_ = false;  // a StoreOutcome is not answered yet
    int store_failures_ = 0;
    Instant store_at_;
    Instant store_give_up_ = kNever;
    Instant destroy_at_ = kNever;  // the next DestroySelf once silence lasted too long
};

}  // namespace herder
