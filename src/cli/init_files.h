#pragma once
// The texts that `herder init` writes, from what was found in the folder. Writes nothing itself.
#include <string>
#include <vector>

#include "base/money.h"
#include "cli/project_scan.h"

namespace herder::cli {

struct InitFile {
    std::string name;  // relative to the folder
    std::string text;
};

// job.yaml, .herderignore, gpu_profiles.yaml and budgets.yaml, all valid as they stand.
std::vector<InitFile> make_init_files(const ProjectFacts& facts, Usd monthly_limit);

}  // namespace herder::cli
