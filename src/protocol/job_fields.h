#pragma once
// Field names of what jobs/ describes, for the documents of this folder. Durations are microseconds
// (_us), money is micro-dollars (_micros), sizes are bytes.
#include <array>
#include <utility>

#include "core/jobs/reason.h"
#include "core/jobs/spec.h"
#include "protocol/fields.h"

namespace herder::protocol {

template <>
struct EnumWords<Market> {
    static constexpr std::array<std::pair<const char*, Market>, 3> kWords{
        {{"auto", Market::kAuto}, {"spot", Market::kSpot}, {"on_demand", Market::kOnDemand}}};
};

template <>
struct EnumWords<EndReason> {
    // The words of to_string(EndReason); the test compares them.
    static constexpr std::array<std::pair<const char*, EndReason>, 24> kWords{{
        {"succeeded", EndReason::kSucceeded},
        {"user_error", EndReason::kUserError},
        {"out_of_memory_gpu", EndReason::kOutOfMemoryGpu},
        {"out_of_memory_host", EndReason::kOutOfMemoryHost},
        {"nan_loss", EndReason::kNanLoss},
        {"stalled", EndReason::kStalled},
        {"disk_full", EndReason::kDiskFull},
        {"preempted", EndReason::kPreempted},
        {"host_lost", EndReason::kHostLost},
        {"boot_timeout", EndReason::kBootTimeout},
        {"admission_failed", EndReason::kAdmissionFailed},
        {"gpu_fault", EndReason::kGpuFault},
        {"contract_end", EndReason::kContractEnd},
        {"maintenance", EndReason::kMaintenance},
        {"no_capacity", EndReason::kNoCapacity},
        {"provider_error", EndReason::kProviderError},
        {"restore_failed", EndReason::kRestoreFailed},
        {"agent_lost", EndReason::kAgentLost},
        {"max_duration", EndReason::kMaxDuration},
        {"budget", EndReason::kBudget},
        {"cancelled", EndReason::kCancelled},
        {"paused", EndReason::kPaused},
        {"image_error", EndReason::kImageError},
        {"destroyed", EndReason::kDestroyed},
    }};
};

template <class S, class V>
void fields(As<ResourceRequest>, S& s, V& v) {
    v("gpu_name", s.gpu_name);
    v("gpu_count", s.gpu_count);
    v("gpu_ram_mb_min", s.gpu_ram_mb_min);
    v("disk", s.disk);
    v("market", s.market);
    v("price_max_micros", s.price_max);
    v("reliability_min_ppm", s.reliability_min_ppm);
}
template <class S, class V>
void fields(As<KeepBest>, S& s, V& v) {
    v("metric", s.metric);
    v("is_larger", s.is_larger);
    v("count", s.count);
}
template <class S, class V>
void fields(As<CheckpointSpec>, S& s, V& v) {
    v("path", s.path);
    v("every_steps", s.every_steps);
    v("every_us", s.every);
    v("keep_last", s.keep_last);
    v("stop_signal", s.stop_signal);
    v("stop_grace_us", s.stop_grace);
    v("keep_every_steps", s.keep_every_steps);
    v("keep_every_us", s.keep_every);
    v("keep_best", s.keep_best);
}
template <class S, class V>
void fields(As<RecoverySpec>, S& s, V& v) {
    v("on_preemption", s.on_preemption);
    v("on_host_failure", s.on_host_failure);
    v("max_restarts_on_errors", s.max_restarts_on_errors);
}
template <class S, class V>
void fields(As<LimitSpec>, S& s, V& v) {
    v("max_duration_us", s.max_duration);
    v("max_cost_micros", s.max_cost);
}
template <class S, class V>
void fields(As<SecretUse>, S& s, V& v) {
    v("name", s.name);
    v("stored_as", s.stored_as);
    v("in_env", s.in_env);
}
template <class S, class V>
void fields(As<DataInput>, S& s, V& v) {
    v("target", s.target);
    v("source", s.source);
    v("tree", s.tree);
    v("object", s.object);
    v("url", s.url);
    v("sha256", s.sha256);
    v("size", s.size);
    v("unpack", s.unpack);
}
template <class S, class V>
void fields(As<JobSpec>, S& s, V& v) {
    v("name", s.name);
    v("project", s.project);
    v("team", s.team);
    v("user", s.user);
    v("context", s.context);
    v("profile", s.profile);
    v("budget", s.budget);
    v("labels", s.labels);
    v("priority", s.priority);
    v("image", s.image);
    v("workdir_object", s.workdir_object);
    v("any_of", s.any_of);
    v("env", s.env);
    v("setup", s.setup);
    v("run", s.run);
    v("checkpoint", s.checkpoint);
    v("recovery", s.recovery);
    v("limits", s.limits);
    v("outputs", s.outputs);
    v("detached_for_us", s.detached_for);
    v("dead_man_after_us", s.dead_man_after);
    v("secrets", s.secrets);
    v("inputs", s.inputs);
    v("start_from", s.start_from);
}

}  // namespace herder::protocol
