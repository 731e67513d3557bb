#pragma once
// What the user asked for: the immutable description of a job, after profiles and defaults have
// been applied. Parsing and explaining it is config/'s business.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"

namespace herder {

enum class Market : int { kAuto = 0, kSpot = 1, kOnDemand = 2 };

// One acceptable kind of machine; a job lists one or several (`any_of`).
struct ResourceRequest {
    std::string gpu_name;             // canonical, as RTX_4090; empty: any GPU
    int gpu_count = 1;                // GPUs of the one machine
    std::int64_t gpu_ram_mb_min = 0;  // per GPU
    Bytes disk = gigabytes(10);
    Market market = Market::kAuto;
    UsdPerHour price_max{};       // whole machine, GPU and disk; 0: no limit was given
    int reliability_min_ppm = 0;  // 980000 means 0.98

    bool operator==(const ResourceRequest&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.gpu_name);
        v(2, s.gpu_count);
        v(3, s.gpu_ram_mb_min);
        v(4, s.disk);
        v(5, s.market);
        v(6, s.price_max);
        v(7, s.reliability_min_ppm);
    }
};

// Keeps the best checkpoints by one of the metrics that were saved with them.
struct KeepBest {
    std::string metric;      // empty: none
    bool is_larger = false;  // which is better
    int count = 1;

    bool operator==(const KeepBest&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.metric);
        v(2, s.is_larger);
        v(3, s.count);
    }
};

struct CheckpointSpec {
    std::string path = "checkpoints";  // relative to the work folder, or absolute
    std::int64_t every_steps = 0;      // 0: not by steps
    Duration every{};                  // 0: not by time
    int keep_last = 3;
    std::string stop_signal = "SIGTERM";
    Duration stop_grace = seconds(60);
    // Beside the last ones, for good: one in so many steps, or one in such a time.
    std::int64_t keep_every_steps = 0;
    Duration keep_every{};
    KeepBest keep_best;

    bool operator==(const CheckpointSpec&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.path);
        v(2, s.every_steps);
        v(3, s.every);
        v(4, s.keep_last);
        v(5, s.stop_signal);
        v(6, s.stop_grace);
        v(7, s.keep_every_steps);
        v(8, s.keep_every);
        v(9, s.keep_best);
    }
};

struct RecoverySpec {
    bool on_preemption = true;
    bool on_host_failure = true;
    int max_restarts_on_errors = 0;  // for causes in the user's code
    bool operator==(const RecoverySpec&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.on_preemption);
        v(2, s.on_host_failure);
        v(3, s.max_restarts_on_errors);
    }
};

struct LimitSpec {
    Duration max_duration{};  // running time over all attempts; 0: none
    Usd max_cost{};           // 0: none
    bool operator==(const LimitSpec&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.max_duration);
        v(2, s.max_cost);
    }
};

// A stored secret that the job may read; its value is never part of a job.
struct SecretUse {
    std::string name;       // of the file in $HERDER_SECRETS_DIR, and of the variable
    std::string stored_as;  // the secret's own name
    bool in_env = false;    // also as a variable of the job's commands
    bool operator==(const SecretUse&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.name);
        v(2, s.stored_as);
        v(3, s.in_env);
    }
};

// Data that is on the machine before `setup` runs. Exactly one of `tree`, `object` and `url` says
// where it comes from.
struct DataInput {
    std::string target{};  // absolute, or relative to the work folder
    std::string source{};  // for people
    std::string tree{};    // store key of a tree of files
    std::string object{};  // store key of one file
    std::string url{};
    std::string sha256{};  // of the one file; empty: not known
    Bytes size{};          // 0: not known
    bool unpack = false;   // the file is a tar.gz, the target its folder
    bool operator==(const DataInput&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.target);
        v(2, s.source);
        v(3, s.tree);
        v(4, s.object);
        v(5, s.url);
        v(6, s.sha256);
        v(7, s.size);
        v(8, s.unpack);
    }
};

struct JobSpec {
    std::string name;
    std::string project = "default";
    std::string team = "default";
    std::string user = "local";
    std::string context = "default";
    std::string profile;  // for show; its values are already merged in
    std::string budget;   // an extra budget by name; empty: those whose scope matches
    std::map<std::string, std::string> labels;
    int priority = 50;  // 0-100, higher first
    std::string image;
    std::string workdir_object;  // store key of a tree or of an archive; empty: none
    std::vector<ResourceRequest> any_of;
    std::map<std::string, std::string> env;
    std::string setup;
    std::string run;
    CheckpointSpec checkpoint;
    RecoverySpec recovery;
    LimitSpec limits;
    std::vector<std::string> outputs;       // paths or globs relative to the work folder
    Duration detached_for = minutes(30);    // may compute unheard that long after its lease ran out
    Duration dead_man_after = minutes(30);  // the machine destroys itself after that long unheard
    std::vector<SecretUse> secrets;
    std::vector<DataInput> inputs;
    // Another job's, to go on from as long as there is none of its own.
    std::optional<CheckpointId> start_from;

    bool operator==(const JobSpec&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.name);
        v(2, s.project);
        v(3, s.team);
        v(4, s.user);
        v(5, s.context);
        v(6, s.profile);
        v(7, s.budget);
        v(8, s.labels);
        v(9, s.priority);
        v(10, s.image);
        v(11, s.workdir_object);
        v(12, s.any_of);
        v(13, s.env);
        v(14, s.setup);
        v(15, s.run);
        v(16, s.checkpoint);
        v(17, s.recovery);
        v(18, s.limits);
        v(19, s.outputs);
        v(20, s.detached_for);
        v(21, s.dead_man_after);
        v(22, s.secrets);
        v(23, s.inputs);
        v(24, s.start_from);
    }
};

}  // namespace herder
