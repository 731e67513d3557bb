#pragma once
// Every key of a job file, in one table: taken, another tool's name for one of ours, or known and
// refused by name until it is built. The JSON Schema in config/schemas/ says the same to editors.
#include <span>

#include "config/fields.h"

namespace herder::config::job_keys {

using Use = KeyRule::Use;

inline constexpr KeyRule kTopKeys[] = {
    {"version"},
    {"name"},
    {"profile"},
    {"project"},
    {"budget"},
    {"labels"},
    {"tags", Use::kAlias, "labels"},
    {"priority"},
    {"workdir"},
    {"image"},
    {"resources"},
    {"env"},
    {"envs", Use::kAlias, "env"},
    {"secrets"},
    {"mounts"},
    {"file_mounts", Use::kAlias, "mounts"},
    {"inputs"},
    {"setup"},
    {"run"},
    {"commands", Use::kAlias, "run"},
    {"checkpoint"},
    {"recovery"},
    {"limits"},
    {"outputs"},
    {"nodes", Use::kNotYet, "a job runs on one machine; several GPUs of it: accelerators: H100:4"},
    {"num_nodes", Use::kNotYet,
     "a job runs on one machine; several GPUs of it: accelerators: H100:4"},
    {"image_id", Use::kNotYet, "write image: NAME"},
    {"registry_auth", Use::kNotYet},
    {"python", Use::kNotYet, "choose an image with that Python"},
    {"metrics", Use::kNotYet},
    {"sweep", Use::kNotYet},
    {"depends_on", Use::kNotYet},
    {"schedule", Use::kNotYet},
    {"notify", Use::kNotYet},
    {"retry", Use::kNotYet, "write recovery: {on: [preemption, host-failure]}"},
    {"job_recovery", Use::kNotYet, "write recovery: {on: [preemption, host-failure]}"},
};

inline constexpr KeyRule kResourceKeys[] = {
    {"accelerators"},
    {"gpu", Use::kAlias, "accelerators"},
    {"disk"},
    {"disk_size", Use::kAlias, "disk"},
    {"market"},
    {"use_spot", Use::kAlias, "market"},
    {"spot_policy", Use::kAlias, "market"},
    {"max_price"},
    {"max_dph", Use::kAlias, "max_price"},
    {"max_hourly_cost", Use::kAlias, "max_price"},
    {"max_price_per_gpu"},
    {"max_dph_per_gpu", Use::kAlias, "max_price_per_gpu"},
    {"reliability_min"},
    {"any_of"},
    {"ordered", Use::kNotYet, "any_of takes the one with the lowest expected cost"},
    {"gpu_memory", Use::kNotYet, "write accelerators: 24GB+ or A100:80GB:1"},
    {"cpus", Use::kNotYet},
    {"memory", Use::kNotYet},
    {"shm_size", Use::kNotYet},
    {"infra", Use::kNotYet},
    {"regions", Use::kNotYet},
    {"verified", Use::kNotYet},
    {"min_bandwidth_mbps", Use::kNotYet},
    {"cuda_min", Use::kNotYet},
    {"ports", Use::kNotYet},
};

inline constexpr KeyRule kCandidateKeys[] = {
    {"accelerators"},
    {"gpu", Use::kAlias, "accelerators"},
    {"disk"},
    {"disk_size", Use::kAlias, "disk"},
    {"market"},
    {"use_spot", Use::kAlias, "market"},
    {"spot_policy", Use::kAlias, "market"},
    {"max_price"},
    {"max_dph", Use::kAlias, "max_price"},
    {"max_hourly_cost", Use::kAlias, "max_price"},
    {"max_price_per_gpu"},
    {"max_dph_per_gpu", Use::kAlias, "max_price_per_gpu"},
    {"reliability_min"},
    {"infra", Use::kNotYet},
};

inline constexpr KeyRule kCheckpointKeys[] = {
    {"path"},
    {"every"},
    {"keep_last"},
    {"keep", Use::kAlias, "keep_last"},
    {"on_preempt"},
    {"storage", Use::kNotYet, "checkpoints go to the server's artifact store"},
    {"verify", Use::kNotYet, "checkpoints are always verified by their hashes"},
    {"keep_every"},
    {"keep_best"},
};

inline constexpr KeyRule kKeepBestKeys[] = {{"metric"}, {"mode"}, {"n"}};

inline constexpr KeyRule kOnPreemptKeys[] = {{"signal"}, {"grace"}};

inline constexpr KeyRule kRecoveryKeys[] = {
    {"on"},
    {"max_restarts_on_errors"},
    {"recover_on_exit_codes", Use::kNotYet, "max_restarts_on_errors restarts after any error"},
    {"max_preemptions", Use::kNotYet},
    {"strategy", Use::kNotYet},
    {"on_demand_after_preemptions", Use::kNotYet},
    {"give_up_after", Use::kNotYet},
};

inline constexpr KeyRule kLimitKeys[] = {
    {"max_duration"},
    {"max_cost"},
    {"max_queue_wait", Use::kNotYet},
    {"idle", Use::kNotYet},
    {"no_output_for", Use::kNotYet},
};

inline constexpr KeyRule kSecretUseKeys[] = {{"name"}, {"from"}, {"env"}};

inline constexpr KeyRule kDataInputKeys[] = {
    {"source"},
    {"sha256"},
    {"unpack"},
    {"mode"},
    {"read_only", Use::kNotYet, "the job may write to its copy; nothing is written back"},
};

inline constexpr Section kTop{"", kTopKeys};
inline constexpr Section kResources{"resources", kResourceKeys};
inline constexpr Section kCandidate{"any_of", kCandidateKeys};
inline constexpr Section kCheckpoint{"checkpoint", kCheckpointKeys};
inline constexpr Section kOnPreempt{"checkpoint.on_preempt", kOnPreemptKeys};
inline constexpr Section kKeepBest{"checkpoint.keep_best", kKeepBestKeys};
inline constexpr Section kRecovery{"recovery", kRecoveryKeys};
inline constexpr Section kLimits{"limits", kLimitKeys};
inline constexpr Section kSecretUse{"secrets", kSecretUseKeys};
inline constexpr Section kDataInput{"mounts", kDataInputKeys};
inline constexpr Section kDataFamily[] = {kTop, kSecretUse, kDataInput};
// Where a key is looked for that stands in the wrong place.
inline constexpr Section kFamily[] = {kTop,    kResources, kCheckpoint, kRecovery,
                                      kLimits, kOnPreempt, kKeepBest};

}  // namespace herder::config::job_keys
