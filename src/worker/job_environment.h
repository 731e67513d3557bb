#pragma once
// The environment of a job's commands. Pure: from the machine's own variables, the assignment and
// the folders. Nothing that the agent must keep to itself gets through.
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/jobs/agent_messages.h"

namespace herder {

// The path of the checkpoint to go on from, or empty.
inline constexpr char kResumeVariable[] = "HERDER_RESUME_FROM";

// Where a job's things are on the machine.
struct JobFolders {
    explicit JobFolders(const std::string& home);
    std::string work;      // unpacked work folder, where commands run
    std::string run;       // $HERDER_DIR
    std::string outputs;   // $HERDER_OUTPUT_DIR
    std::string restored;  // checkpoints that were fetched
    std::string staging;   // checkpoints on their way
    std::string spool;     // logs
    std::string sdk;
};

struct JobFacts {
    std::string resume_path;                        // empty: from the start
    std::map<std::string, std::string> server_env;  // price, provider
    std::optional<WallTime> deadline;               // of max_duration
    std::string secrets_folder{};                   // empty: none
    std::map<std::string, std::string> secrets{};   // that the job file wants as variables
};

std::vector<std::string> make_job_environment(const std::vector<std::string>& machine,
                                              const Assignment& assignment,
                                              const JobFolders& folders, const JobFacts& facts);

// The job's checkpoint folder: checkpoint.path below the work folder, or as it is when absolute.
std::string checkpoint_folder(const Assignment& assignment, const JobFolders& folders);

}  // namespace herder
