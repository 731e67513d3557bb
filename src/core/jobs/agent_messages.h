#pragma once
// The one exchange between orchestrator and agent, `sync`: the agent sends a report, the answer is
// its orders. Level-triggered and idempotent: a report repeats everything that has not been
// acknowledged, so whatever is lost is repaired by the next exchange. JSON lives in protocol/.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "core/jobs/reason.h"
#include "core/jobs/spec.h"

namespace herder {

constexpr int kAgentProtocol = 2;
// The first that measures its machine when the orders ask for it.
constexpr int kAgentProtocolAdmission = 2;

enum class AgentPhase : int {
    kJoined = 1,     // has its session, waits for or prepares the assignment
    kRestoring = 2,  // fetches work folder and checkpoint
    kSetup = 3,
    kRunning = 4,
    kStopping = 5,  // the stop sequence is under way
    kDone = 6,      // the outcome below is final
};

struct GpuHealth {
    std::string name;
    int utilization_percent = 0;
    std::int64_t memory_used_mb = 0;
    std::int64_t memory_total_mb = 0;
    int temperature_c = 0;
    bool operator==(const GpuHealth&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.name);
        v(2, s.utilization_percent);
        v(3, s.memory_used_mb);
        v(4, s.memory_total_mb);
        v(5, s.temperature_c);
    }
};

struct MachineHealth {
    int cpu_percent = 0;
    Bytes memory_used;
    Bytes memory_total;
    Bytes disk_free;
    std::vector<GpuHealth> gpus;
    bool operator==(const MachineHealth&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.cpu_percent);
        v(2, s.memory_used);
        v(3, s.memory_total);
        v(4, s.disk_free);
        v(5, s.gpus);
    }
};

// One file of a checkpoint as it lies on the machine; stored as object o/<index>.
struct CheckpointFile {
    std::string path;  // relative to the checkpoint's folder, no "..", no leading slash
    Bytes size;
    std::uint32_t crc32c = 0;
    int mode = 0644;
    bool operator==(const CheckpointFile&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.path);
        v(2, s.size);
        v(3, s.crc32c);
        v(4, s.mode);
    }
};

enum class CheckpointKind : int { kPeriodic = 1, kPreempt = 2, kFinal = 3 };

// A checkpoint that the agent wants to publish. It stays in every report, first unsealed (wants a
// place to upload to), then sealed (all objects are there), until the orders acknowledge it.
struct CheckpointOffer {
    std::uint64_t local_seq = 0;  // 1, 2, ... of this agent
    std::int64_t step = 0;
    CheckpointKind kind = CheckpointKind::kPeriodic;
    std::vector<CheckpointFile> files;
    std::map<std::string, std::string> metrics;  // decimal text, as the job wrote it
    bool sealed = false;
    bool operator==(const CheckpointOffer&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.local_seq);
        v(2, s.step);
        v(3, s.kind);
        v(4, s.files);
        v(5, s.metrics);
        v(6, s.sealed);
    }
};

struct AttemptOutcome {
    EndReason reason = EndReason::kSucceeded;
    int exit_code = 0;
    std::string detail;  // the last lines of stderr or one sentence
    bool operator==(const AttemptOutcome&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reason);
        v(2, s.exit_code);
        v(3, s.detail);
    }
};

// What the agent shall measure before the job may use the machine.
struct AdmissionTest {
    Bytes disk;       // that the job asked for, to know how much may be written
    Bytes probe_max;  // the largest object to send to and fetch from the job's storage
    bool operator==(const AdmissionTest&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.disk);
        v(2, s.probe_max);
    }
};

struct MeasuredGpu {
    std::string name;  // as the driver says it
    std::int64_t memory_mb = 0;
    std::int64_t memory_used_mb = 0;
    std::string driver;                   // "570.124.04"
    std::int64_t uncorrected_errors = 0;  // of its memory, since the driver was loaded
    bool operator==(const MeasuredGpu&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.name);
        v(2, s.memory_mb);
        v(3, s.memory_used_mb);
        v(4, s.driver);
        v(5, s.uncorrected_errors);
    }
};

// What the agent found. What could not be measured is absent, and `not_measured` says why.
struct AdmissionFacts {
    bool gpus_measured = false;
    std::vector<MeasuredGpu> gpus;
    std::optional<Bytes> disk_free;
    std::optional<std::int64_t> disk_write_mb_per_second;
    std::optional<std::int64_t> download_mbps;  // from the job's storage
    std::optional<std::int64_t> upload_mbps;    // to it
    std::string storage_error;                  // the signed PUT or GET failed for good; empty: no
    std::vector<std::string> not_measured;      // "GPU: nvidia-smi is not there"
    bool operator==(const AdmissionFacts&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.gpus_measured);
        v(2, s.gpus);
        v(3, s.disk_free);
        v(4, s.disk_write_mb_per_second);
        v(5, s.download_mbps);
        v(6, s.upload_mbps);
        v(7, s.storage_error);
        v(8, s.not_measured);
    }
};

struct AgentReport {
    int protocol = kAgentProtocol;
    std::string agent_version;
    IntentId intent;
    Fence fence;
    std::uint64_t sequence = 0;  // strictly increasing per agent
    AgentPhase phase = AgentPhase::kJoined;
    Duration uptime;  // of the agent process, so of the container
    std::int64_t step = 0;
    Duration ran;           // running time of the job's command in this attempt
    bool restored = false;  // the checkpoint of the assignment was restored and verified
    std::optional<CheckpointId> restore_failed;  // this one did not verify; wants the one before
    std::optional<CheckpointOffer> checkpoint;
    MachineHealth health;
    std::optional<AttemptOutcome> outcome;
    std::optional<AdmissionFacts> admission;         // once measured, until there is an assignment
    static constexpr std::size_t kReasonMax = 1000;  // bytes of the next one that count
    std::string checkpoint_refused;  // why one of the job's could not be taken, until answered
    bool operator==(const AgentReport&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.protocol);
        v(2, s.agent_version);
        v(3, s.intent);
        v(4, s.fence);
        v(5, s.sequence);
        v(6, s.phase);
        v(7, s.uptime);
        v(8, s.step);
        v(9, s.ran);
        v(10, s.restored);
        v(11, s.restore_failed);
        v(12, s.checkpoint);
        v(13, s.health);
        v(14, s.outcome);
        v(15, s.admission);
        v(16, s.checkpoint_refused);
    }
};

// What the agent is to run; sent until the report shows that it is under way.
struct Assignment {
    JobId job;
    int attempt = 1;
    JobSpec spec;
    std::optional<CheckpointId> resume_from;
    std::string resume_name;  // the checkpoint's folder name in the store
    std::int64_t resume_step = 0;
    Duration time_left = kForever;  // until max_duration, for the agent to enforce when alone
    bool operator==(const Assignment&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.job);
        v(2, s.attempt);
        v(3, s.spec);
        v(4, s.resume_from);
        v(5, s.resume_name);
        v(6, s.resume_step);
        v(7, s.time_left);
    }
};

// Where to put the offered checkpoint. Signed URLs are added by the shell from `name`.
struct UploadGrant {
    CheckpointId checkpoint;
    std::uint64_t local_seq = 0;
    std::string name;
    bool operator==(const UploadGrant&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.checkpoint);
        v(2, s.local_seq);
        v(3, s.name);
    }
};

enum class DesiredState : int {
    kRun = 1,
    kStop = 2,   // stop file, signal, grace, kill; then report the outcome
    kLeave = 3,  // nothing more is wanted: the outcome is recorded, end the process
};

struct AgentOrders {
    int protocol = kAgentProtocol;
    bool fenced = false;  // another attempt owns the job: stop at once, publish nothing
    DesiredState desired = DesiredState::kRun;
    EndReason stop_reason = EndReason::kCancelled;
    Duration stop_grace = seconds(60);
    Duration lease = seconds(60);  // counted by the agent from the moment it sent the report
    Duration detached_for = minutes(30);
    Duration dead_man_after = minutes(30);
    Duration report_every = seconds(10);
    std::optional<Assignment> assignment;
    std::optional<AdmissionTest> admission;  // measure this; the assignment follows
    std::optional<UploadGrant> grant;
    std::uint64_t settled_local_seq = 0;  // checkpoints up to this one are committed or refused
    std::uint64_t committed_local_seq = 0;
    bool operator==(const AgentOrders&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.protocol);
        v(2, s.fenced);
        v(3, s.desired);
        v(4, s.stop_reason);
        v(5, s.stop_grace);
        v(6, s.lease);
        v(7, s.detached_for);
        v(8, s.dead_man_after);
        v(9, s.report_every);
        v(10, s.assignment);
        v(11, s.grant);
        v(12, s.settled_local_seq);
        v(13, s.committed_local_seq);
        v(14, s.admission);
    }
};

}  // namespace herder
