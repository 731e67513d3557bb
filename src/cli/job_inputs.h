#pragma once
// What goes along with a job: its work folder and its local data, sent to the server in pieces, and
// outputs of other jobs and data in buckets, looked up. Fills in the parts of the spec that name
// them.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/folder_tree.h"
#include "cli/launch_request.h"
#include "cli/server_link.h"

namespace herder::cli {

class JobInputs {
  public:
    using Say = std::function<void(const std::string& line)>;
    // How much of what is sent; may be empty.
    using OnSent =
        std::function<void(const std::string& name, std::int64_t done, std::int64_t total)>;
    JobInputs(ServerLink& server, Say say, OnSent on_sent = {})
        : server_(server), say_(std::move(say)), on_sent_(std::move(on_sent)) {}

    // kInvalid, before anything is sent, where the data does not fit on the disk that the job asks
    // for.
    Status send(LaunchRequest& request);

  private:
    // Found on this machine, and not sent yet.
    struct Local {
        FolderTree tree;
        std::string name;       // for people
        std::size_t input = 0;  // of the spec
        bool is_workdir = false;
    };
    Status read_workdir(const LaunchRequest& request);
    Status read_local(LaunchRequest& request, const config::DataSource& source);
    Status find_outputs(LaunchRequest& request, const config::DataSource& source);
    Status find_in_bucket(LaunchRequest& request, const config::DataSource& source);
    Status send_local(const Local& local, JobSpec& spec);

    ServerLink& server_;
    Say say_;
    OnSent on_sent_;
    std::vector<Local> locals_;
};

// Refuses with a sentence where what is known of the data is more than the smallest disk asked for.
Status check_disk_request(const JobSpec& spec, Bytes workdir);

}  // namespace herder::cli
