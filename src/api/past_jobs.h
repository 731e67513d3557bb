#pragma once
// Of which jobs nothing is left in the artifact store that retention could delete, written down on
// the server's disk, so that a server that starts does not ask the store about each job again. What
// is lost of it is only asked once more. Not thread-safe.
#include <cstdint>
#include <string>
#include <vector>

#include "core/jobs/job.h"

namespace herder::api {

class PastJobs {
  public:
    // Empty: nothing is written down.
    explicit PastJobs(std::string file);

    // Whether that was said of the job when it had as many attempts.
    bool has(JobId job, std::uint64_t attempts) const;
    void add(JobId job, std::uint64_t attempts);

  private:
    bool read(const std::string& text);
    void note(JobId job, std::uint64_t attempts);

    const std::string file_;
    std::vector<std::uint32_t> attempts_;  // and one, by ids; 0: not past
};

}  // namespace herder::api
