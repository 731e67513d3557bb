#pragma once
// The port behind which containers run: real local processes, or scripted ones in unit tests. The
// market decides what should run; a runner only does it and tells which containers ended.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "vastsim/driver_tool.h"

namespace herder::vastsim {

struct ContainerSpec {
    std::int64_t id = 0;
    std::vector<std::pair<std::string, std::string>> env;
    std::string onstart;
    std::vector<std::string> args;
    // In `args` mode the container ends with its main process; otherwise a launcher stays (5.4).
    bool ends_with_main_process = false;
    // What its driver tool shows (driver_tool.h); nothing: it has none.
    std::optional<std::vector<GpuCard>> gpus;
    bool operator==(const ContainerSpec&) const = default;
};

struct ContainerExit {
    std::int64_t id = 0;
    int code = 0;  // 128 + signal when killed
};

class ContainerRunner {
  public:
    virtual ~ContainerRunner() = default;

    // Starts in the container's own folder, which is created at the first start and kept.
    virtual Status start(const ContainerSpec& spec) = 0;
    // Kills every process of the container at once, without a signal that could be caught, and
    // returns when none is left. Not an error when nothing runs.
    virtual void kill(std::int64_t id) = 0;
    // Asks every process of the container to end (SIGTERM); returns at once.
    virtual void terminate(std::int64_t id) = 0;
    // Kills and deletes the folder.
    virtual void remove(std::int64_t id) = 0;
    // Containers that ended by themselves since the last call.
    virtual std::vector<ContainerExit> take_exits() = 0;
    // Process ids of this machine, for the admin interface; empty when none run.
    virtual std::vector<std::int64_t> processes_of(std::int64_t id) const = 0;
    // The file that holds stdout and stderr; empty when there is none.
    virtual std::string log_path(std::int64_t id) const = 0;
    // The folder that is the container's root; empty when there is none.
    virtual std::string root_path(std::int64_t id) const = 0;
};

}  // namespace herder::vastsim
