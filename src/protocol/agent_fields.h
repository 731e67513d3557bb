#pragma once
// Field names of the exchange between server and agent, for the documents of this folder.
#include <array>
#include <utility>

#include "core/jobs/agent_messages.h"
#include "protocol/job_fields.h"

namespace herder::protocol {

template <>
struct EnumWords<AgentPhase> {
    static constexpr std::array<std::pair<const char*, AgentPhase>, 6> kWords{
        {{"joined", AgentPhase::kJoined},
         {"restoring", AgentPhase::kRestoring},
         {"setup", AgentPhase::kSetup},
         {"running", AgentPhase::kRunning},
         {"stopping", AgentPhase::kStopping},
         {"done", AgentPhase::kDone}}};
};
template <>
struct EnumWords<CheckpointKind> {
    static constexpr std::array<std::pair<const char*, CheckpointKind>, 3> kWords{
        {{"periodic", CheckpointKind::kPeriodic},
         {"preempt", CheckpointKind::kPreempt},
         {"final", CheckpointKind::kFinal}}};
};
template <>
struct EnumWords<DesiredState> {
    static constexpr std::array<std::pair<const char*, DesiredState>, 3> kWords{
        {{"run", DesiredState::kRun},
         {"stop", DesiredState::kStop},
         {"leave", DesiredState::kLeave}}};
};

template <class S, class V>
void fields(As<GpuHealth>, S& s, V& v) {
    v("name", s.name);
    v("utilization_percent", s.utilization_percent);
    v("memory_used_mb", s.memory_used_mb);
    v("memory_total_mb", s.memory_total_mb);
    v("temperature_c", s.temperature_c);
}
template <class S, class V>
void fields(As<MachineHealth>, S& s, V& v) {
    v("cpu_percent", s.cpu_percent);
    v("memory_used", s.memory_used);
    v("memory_total", s.memory_total);
    v("disk_free", s.disk_free);
    v("gpus", s.gpus);
}
template <class S, class V>
void fields(As<CheckpointFile>, S& s, V& v) {
    v("path", s.path);
    v("size", s.size);
    v("crc32c", s.crc32c);
    v("mode", s.mode);
}
template <class S, class V>
void fields(As<CheckpointOffer>, S& s, V& v) {
    v("local_seq", s.local_seq);
    v("step", s.step);
    v("kind", s.kind);
    v("files", s.files);
    v("metrics", s.metrics);
    v("sealed", s.sealed);
}
template <class S, class V>
void fields(As<AttemptOutcome>, S& s, V& v) {
    v("reason", s.reason);
    v("exit_code", s.exit_code);
    v("detail", s.detail);
}
template <class S, class V>
void fields(As<AdmissionTest>, S& s, V& v) {
    v("disk", s.disk);
    v("probe_max", s.probe_max);
}
template <class S, class V>
void fields(As<MeasuredGpu>, S& s, V& v) {
    v("name", s.name);
    v("memory_mb", s.memory_mb);
    v("memory_used_mb", s.memory_used_mb);
    v("driver", s.driver);
    v("uncorrected_errors", s.uncorrected_errors);
}
template <class S, class V>
void fields(As<AdmissionFacts>, S& s, V& v) {
    v("gpus_measured", s.gpus_measured);
    v("gpus", s.gpus);
    v("disk_free", s.disk_free);
    v("disk_write_mb_per_second", s.disk_write_mb_per_second);
    v("download_mbps", s.download_mbps);
    v("upload_mbps", s.upload_mbps);
    v("storage_error", s.storage_error);
    v("not_measured", s.not_measured);
}
template <class S, class V>
void fields(As<AgentReport>, S& s, V& v) {
    v("protocol", s.protocol);
    v("agent_version", s.agent_version);
    v("intent", s.intent);
    v("fence", s.fence);
    v("sequence", s.sequence);
    v("phase", s.phase);
    v("uptime_us", s.uptime);
    v("step", s.step);
    v("ran_us", s.ran);
    v("restored", s.restored);
    v("restore_failed", s.restore_failed);
    v("checkpoint", s.checkpoint);
    v("health", s.health);
    v("outcome", s.outcome);
    v("admission", s.admission);
    v("checkpoint_refused", s.checkpoint_refused);
}
template <class S, class V>
void fields(As<Assignment>, S& s, V& v) {
    v("job", s.job);
    v("attempt", s.attempt);
    v("spec", s.spec);
    v("resume_from", s.resume_from);
    v("resume_name", s.resume_name);
    v("resume_step", s.resume_step);
    v("time_left_us", s.time_left);
}
template <class S, class V>
void fields(As<UploadGrant>, S& s, V& v) {
    v("checkpoint", s.checkpoint);
    v("local_seq", s.local_seq);
    v("name", s.name);
}
template <class S, class V>
void fields(As<AgentOrders>, S& s, V& v) {
    v("protocol", s.protocol);
    v("fenced", s.fenced);
    v("desired", s.desired);
    v("stop_reason", s.stop_reason);
    v("stop_grace_us", s.stop_grace);
    v("lease_us", s.lease);
    v("detached_for_us", s.detached_for);
    v("dead_man_after_us", s.dead_man_after);
    v("report_every_us", s.report_every);
    v("assignment", s.assignment);
    v("admission", s.admission);
    v("grant", s.grant);
    v("settled_local_seq", s.settled_local_seq);
    v("committed_local_seq", s.committed_local_seq);
}

}  // namespace herder::protocol
