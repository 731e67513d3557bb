#pragma once
// A job file as YAML into the JobSpec that the core runs, with the profile and the defaults filled
// in. Does not read files, look into the shell or pack the work folder: the command line does.
#include <string>
#include <utility>
#include <vector>

#include "config/diagnostics.h"
#include "config/gpu_profiles.h"
#include "config/job_data.h"
#include "core/jobs/spec.h"

namespace herder::config {

// Where a value of the finished job came from, for `validate --explain`.
struct Explained {
    std::string path;    // "resources.max_price"
    std::string value;   // as one would write it
    std::string origin;  // "job.yaml:3", "profile dev-test (gpu_profiles.yaml:4)", "default"
    bool operator==(const Explained&) const = default;
};

struct JobFile {
    JobSpec spec;
    std::string workdir;                      // local folder to send; empty: none
    std::vector<std::string> env_from_shell;  // names whose values the shell at launch gives
    std::vector<DataSource> data;             // mounts, then inputs
    std::vector<Explained> explained;         // in the order of the reference
};

struct JobOptions {
    std::string fallback_name = "job";  // where the file gives no name
    std::string fallback_project = "default";
    // Paths and YAML values that win over the file: {"resources.max_price", "0.5"}.
    std::vector<std::pair<std::string, std::string>> sets{};
};

// Reports into `out`, which was made of the same file. The result counts only if `out` has no
// errors. `profiles` are those that the job may name.
JobFile parse_job(const std::string& text, const Profiles& profiles, const JobOptions& options,
                  Diagnostics& out);

// Runs where neither the job nor its profile names an image (docker.io, seen 2026-11-23).
inline constexpr const char* kDefaultImage = "pytorch/pytorch:2.9.0-cuda12.8-cudnn9-runtime";

}  // namespace herder::config
