#pragma once
// What the agent's brain wants done, in order. The shell carries actions out and feeds back what
// came of them.
#include <cstdint>
#include <string>
#include <variant>

#include "base/time.h"
#include "core/jobs/agent_messages.h"

namespace herder {

namespace worker_action {

// Send this report; it replaces one that is still waiting for its answer (a held long poll).
// Answer: OrdersReceived or SyncFailed with the report's sequence.
struct SendReport {
    AgentReport report;
};
// Measure the machine. Answer: AdmissionEnded.
struct StartAdmission {
    AdmissionTest test;
};
// Fetch and verify the work folder and, if it names one, the checkpoint. Answer: RestoreEnded, and
// FilesReady before it where setup may begin meanwhile.
struct StartRestore {
    Assignment assignment;
};
// Run the setup commands. Answer: SetupEnded.
struct StartSetup {
    Assignment assignment;
};
// Run the job's command. Answer: ProcessExited.
struct StartRun {
    Assignment assignment;
    Instant run_until = kNever;  // max_duration
};
struct WriteStopFile {
    EndReason reason = EndReason::kCancelled;
    Instant deadline;
};
enum class StopSignal {
    kSoft,  // the job's own stop_signal
    kTerm,
};
struct SignalJob {
    StopSignal signal = StopSignal::kSoft;
};
// SIGKILL for every process of the job, including those that left its group; ends a restore too.
// A running process still answers with its SetupEnded or ProcessExited.
struct KillEverything {};
// Upload the staged files of this checkpoint. Answer: UploadEnded.
struct Upload {
    UploadGrant grant;
};
// The staged files of this checkpoint are not needed any more.
struct DiscardCheckpoint {
    std::uint64_t local_seq = 0;
};
// Upload outputs and the rest of the logs, then write the outcome to the artifact store. Nothing
// that needs the orchestrator is waited for beyond `give_up`. Answer: OutcomeStored.
struct StoreOutcome {
    AttemptOutcome outcome;
    Instant give_up;
};
// Authenticated contact: the dead-man's switch counts anew.
struct TouchDeadMan {
    Duration dead_man_after;
};
// Ask the provider to destroy this machine; repeated until that happens.
struct DestroySelf {};
// End the agent. The switch stays armed.
struct Leave {};

}  // namespace worker_action

using WorkerAction =
    std::variant<worker_action::SendReport, worker_action::StartAdmission,
                 worker_action::StartRestore, worker_action::StartSetup, worker_action::StartRun,
                 worker_action::WriteStopFile, worker_action::SignalJob,
                 worker_action::KillEverything, worker_action::Upload,
                 worker_action::DiscardCheckpoint, worker_action::StoreOutcome,
                 worker_action::TouchDeadMan, worker_action::DestroySelf, worker_action::Leave>;

}  // namespace herder
