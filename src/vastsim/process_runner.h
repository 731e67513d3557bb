#pragma once
// Containers as real local processes: each with its own folder, session and, where root allows,
// PID, mount, IPC and UTS namespaces. Memory, disk and network are not limited.
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "vastsim/container_runner.h"

namespace herder::vastsim {

enum class Isolation { kNamespaces, kPlain };

class ProcessRunner : public ContainerRunner {
  public:
    // `folder` must exist and belong to this runner alone. kNamespaces falls back to kPlain where
    // the system does not allow it; isolation() tells.
    ProcessRunner(std::string folder, Isolation wanted);
    ~ProcessRunner() override;  // kills everything and deletes the containers' folders

    Isolation isolation() const { return isolation_; }

    // start() and kill() only from one thread, see spawn_child().
    Status start(const ContainerSpec& spec) override;
    void kill(std::int64_t id) override;
    void terminate(std::int64_t id) override;
    void remove(std::int64_t id) override;
    std::vector<ContainerExit> take_exits() override;
    std::vector<std::int64_t> processes_of(std::int64_t id) const override;
    std::string log_path(std::int64_t id) const override;
    std::string root_path(std::int64_t id) const override;

  private:
    std::string folder_of(std::int64_t id) const;
    Status prepare_root(const ContainerSpec& spec) const;
    std::vector<std::string> environment_of(const ContainerSpec& spec) const;
    std::vector<std::int64_t> members(std::int64_t id, int main_process) const;
    void kill_tree(std::int64_t id, int main_process);

    std::string folder_;
    Isolation isolation_;
    mutable std::mutex mutex_;             // guards all below
    std::map<std::int64_t, int> running_;  // contract -> main process
    std::set<std::int64_t> folders_;       // contracts that have a folder
};

}  // namespace herder::vastsim
