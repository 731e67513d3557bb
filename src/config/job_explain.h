#pragma once
// Where each value of a finished job came from: the file, its profile, or the default.
#include <string>
#include <vector>

#include "config/job_file.h"
#include "config/yaml.h"

namespace herder::config {

// `profile` may be null.
std::vector<Explained> explain_job(const JobFile& job, const Node& root, const std::string& file,
                                   const Profile* profile);

// A size as one writes it in a job file: "200GB".
std::string to_config_text(Bytes size);

}  // namespace herder::config
