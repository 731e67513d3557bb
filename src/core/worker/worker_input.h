#pragma once
// Everything that can happen to an agent, as values. The shell (worker/) and the simulator feed
// them to WorkerBrain one at a time.
#include <cstdint>
#include <string>
#include <variant>

#include "base/id.h"
#include "base/time.h"
#include "core/jobs/agent_messages.h"
#include "core/worker/worker_memory.h"

namespace herder {

namespace worker_input {

// The token was exchanged for a session; reporting may begin.
struct Started {
    IntentId intent;
    Fence fence;
    std::string agent_version;
    Duration age{};  // of the container when this is said
};
// Instead of Started: the process of the agent before died, and with it the job. Nothing is run any
// more; what is left of the attempt is brought to its end.
struct Resumed {
    IntentId intent;
    std::string agent_version;
    Duration age{};          // of the container when this is said
    std::uint64_t life = 1;  // how many processes of this agent there were before
    std::string why;         // one sentence on what became of the job
    WorkerMemory memory;
};
// An authenticated answer to the report with this sequence number. The lease counts from the
// moment the report was sent, on the agent's own clock.
struct OrdersReceived {
    std::uint64_t sequence = 0;
    Instant request_sent_at;
    AgentOrders orders;
};
// The report got no usable answer.
struct SyncFailed {
    std::uint64_t sequence = 0;
};
struct AdmissionEnded {
    AdmissionFacts facts;
};
// While a restore is under way: all but the checkpoint is there, which setup does without. It is
// put in its place only once setup has ended.
struct FilesReady {};
enum class RestoreResult {
    kOk,
    kCorrupt,  // the checkpoint did not verify: the one before is wanted
    kFailed,   // work folder or checkpoint cannot be had on this machine
    // What the job asks for cannot be had on any machine (a wrong address, another hash, a secret
    // that is gone): the user has to change something.
    kUnusable,
    kDiskFull,  // the data does not fit on the disk that the job asked for
};
struct RestoreEnded {
    RestoreResult result = RestoreResult::kOk;
    std::string detail;
};
// How a process ended. Hints are what the shell saw beside the exit code.
struct ProcessEnd {
    int exit_code = 0;  // 128 + signal when killed by one
    bool host_out_of_memory = false;
    bool gpu_out_of_memory = false;
    bool disk_full = false;
    std::string detail = {};  // the last lines of stderr
};
struct SetupEnded {
    ProcessEnd end;
};
struct ProcessExited {
    ProcessEnd end;
};
// The job has completed a checkpoint and the shell has staged it. `offer.local_seq` is chosen by
// the shell, strictly increasing; `sealed` is ignored.
struct CheckpointFound {
    CheckpointOffer offer;
};
// The job has announced one, or its framework has written one, that cannot be taken. Not staged.
struct CheckpointRefused {
    std::string why;
};
struct UploadEnded {
    std::uint64_t local_seq = 0;
    bool uploaded = false;
    bool staging_lost = false;  // the files are gone or have changed: never try again
};
struct StepSeen {
    std::int64_t step = 0;
};
struct HealthSeen {
    MachineHealth health;
};
// The answer to StoreOutcome.
struct OutcomeStored {
    bool stored = false;
    std::string missing{};  // outputs that are not in the store, and why; empty: none
};
// The machine said that it will take the container away (a signal to the agent itself).
struct ShutdownNotice {
    Duration notice = seconds(10);
};
struct TimerFired {};

}  // namespace worker_input

using WorkerInput =
    std::variant<worker_input::TimerFired, worker_input::Started, worker_input::Resumed,
                 worker_input::OrdersReceived, worker_input::SyncFailed,
                 worker_input::AdmissionEnded, worker_input::FilesReady, worker_input::RestoreEnded,
                 worker_input::SetupEnded, worker_input::ProcessExited,
                 worker_input::CheckpointFound, worker_input::CheckpointRefused,
                 worker_input::UploadEnded, worker_input::StepSeen, worker_input::HealthSeen,
                 worker_input::OutcomeStored, worker_input::ShutdownNotice>;

}  // namespace herder
