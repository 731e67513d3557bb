#pragma once
// Finds and reads the configuration that offline commands and `launch` work with: profiles from all
// their places, job files. What is in them is config/'s business.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/budgets.h"
#include "config/diagnostics.h"
#include "config/gpu_profiles.h"
#include "config/job_file.h"

namespace herder::cli {

struct ProfileFile {
    config::Profiles profiles;
    config::Diagnostics said;
};

struct LoadedProfiles {
    config::Profiles merged;         // a nearer file wins by name
    std::vector<ProfileFile> files;  // nearest first
    bool has_errors() const;
};

// Where profiles are looked for, nearest first: the project (./.herder, ., ./config), the user's
// configuration, the system's.
std::vector<std::string> profile_places();

// `file` alone, or with an empty name `first` (a context's; may be empty), every one of the places
// and those shipped with the program.
Result<LoadedProfiles> load_profiles(const std::string& file, const std::string& first = "");

struct LoadedBudgets {
    std::string file;
    std::string text;  // as it was read
    std::vector<BudgetSpec> budgets;
};

// Where budgets.yaml is looked for; the nearest alone counts, so that what is in force can be read
// in one place.
std::vector<std::string> budget_places();

// `file`, or with an empty name the nearest of the places; nothing where there is none. A file with
// errors is an error that shows all of them.
Result<std::optional<LoadedBudgets>> load_budgets(const std::string& file);

struct LoadedJob {
    config::JobFile job;
    config::Diagnostics said;
};

// The job counts only if nothing said is an error. The error is for a file that cannot be read.
Result<LoadedJob> load_job(const std::string& file, const config::Profiles& profiles,
                           const config::JobOptions& options);

// "a.b=1" as a path and a YAML value for JobOptions::sets.
Result<std::pair<std::string, std::string>> parse_set(const std::string& text);

}  // namespace herder::cli
