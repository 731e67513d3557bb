#pragma once
// What `herder launch` sends: the job file with the command line's changes, the environment that it
// takes from the shell, and the folder that goes along. Sends nothing itself.
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/cells.h"
#include "config/job_data.h"
#include "protocol/spec_json.h"

namespace herder::cli {

struct LaunchOptions {
    std::string file;
    std::string profiles;            // empty: the usual places
    std::string context_profiles{};  // before those; of the context
    std::string name;
    std::string project;
    std::string priority;
    std::string max_cost;
    std::string max_duration;
    std::vector<std::string> env;   // K=V, or K to take it from the shell
    std::vector<std::string> sets;  // any.path=VALUE
    bool detach = false;
    bool dry_run = false;
};

struct LaunchRequest {
    JobSpec spec;
    std::string workdir;                   // absolute; empty: nothing goes along
    std::vector<config::DataSource> data;  // local paths are absolute
    std::string warnings;
};

// The error names file, line and column of everything that is wrong.
Result<LaunchRequest> make_launch_request(const LaunchOptions& options);

// The lines above the plan: what is asked for and its limits.
std::string request_page(const JobSpec& spec);

// {"spec": ..., "dry_run": ...}
Json submit_body(const JobSpec& spec, bool dry_run);

}  // namespace herder::cli
