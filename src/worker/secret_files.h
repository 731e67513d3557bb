#pragma once
// The job's secrets on the machine: one file each in a folder in memory, never on a disk. They go
// with this object, and with the container at the latest.
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/secrets_json.h"

namespace herder {

class SecretFiles {
  public:
    // `places`: folders that may be in memory, tried in turn (those that are not are passed over);
    // `links`: an ordinary folder, for when none is. Then each name there is a link to a file that
    // exists in this process's memory only (memfd_create), as long as it runs.
    SecretFiles(std::vector<std::string> places, std::string links);
    ~SecretFiles();
    SecretFiles(const SecretFiles&) = delete;
    SecretFiles& operator=(const SecretFiles&) = delete;

    // Replaces what was there.
    Status place(const std::vector<protocol::GivenSecret>& secrets);
    void remove();

    // $HERDER_SECRETS_DIR; empty: the job has no secrets.
    const std::string& folder() const { return folder_; }
    // Those that the job file wants as variables.
    const std::map<std::string, std::string>& variables() const { return variables_; }

  private:
    Status place_in_memory(const std::vector<protocol::GivenSecret>& secrets);
    Status place_links(const std::vector<protocol::GivenSecret>& secrets);

    const std::vector<std::string> places_;
    const std::string links_;
    std::string folder_;
    std::map<std::string, std::string> variables_;
    std::vector<int> files_;  // of memfd_create
};

// True for a folder on tmpfs or ramfs.
bool is_in_memory(const std::string& folder);

}  // namespace herder
