#pragma once
// The child side of starting a container: what runs between clone() and exec(). Everything is
// prepared by the parent, because only async-signal-safe calls are allowed here.
#include <string>
#include <vector>

namespace herder::vastsim {

struct BindMount {
    std::string source;  // on this machine
    std::string target;  // below the container's root
};

struct ChildPlan {
    std::string root;  // the container's root folder
    std::string working_folder;
    std::string hostname;
    std::vector<BindMount> binds;  // read-only
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    int log_fd = -1;
    bool isolated = true;  // own namespaces and root; otherwise only a session of its own
};

// Starts the child; returns its process id, or -1 with errno. Must be called on a thread that
// lives as long as the containers: the kernel kills them when it ends.
int spawn_child(const ChildPlan& plan);

// Tries whether own PID, mount, IPC and UTS namespaces can be made here.
bool can_isolate();

}  // namespace herder::vastsim
