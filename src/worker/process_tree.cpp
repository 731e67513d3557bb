#include "worker/process_tree.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

namespace herder {
namespace {

struct Entry {
    pid_t parent = 0;
    char state = '?';
};

// /proc/PID/stat: "12 (name with ) in it) S 1 ...", see proc(5).
bool read_stat(pid_t pid, Entry& entry) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) return false;
    const auto end = line.rfind(')');
    if (end == std::string::npos) return false;
    std::istringstream rest(line.substr(end + 1));
    rest >> entry.state >> entry.parent;
    return static_cast<bool>(rest);
}

std::multimap<pid_t, pid_t> read_children() {
    std::multimap<pid_t, pid_t> children;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
    if (!folder) return children;
    while (const dirent* entry = readdir(folder.get())) {
        const pid_t pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
        Entry stat;
        if (pid <= 0 || !read_stat(pid, stat)) continue;
        // A zombie's children have already been handed on.
        if (stat.state != 'Z' && stat.state != 'X') children.emplace(stat.parent, pid);
    }
    return children;
}

bool catches(pid_t pid, int signal) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("SigCgt:", 0) != 0) continue;
        const auto mask = std::strtoull(line.c_str() + 7, nullptr, 16);
        return (mask >> (signal - 1) & 1) != 0;
    }
    return false;
}

}  // namespace

bool become_subreaper() {
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

std::vector<pid_t> list_descendants(pid_t root) {
    const auto children = read_children();
    std::vector<pid_t> found;
    std::vector<pid_t> waiting{root};
    while (!waiting.empty()) {
        const pid_t parent = waiting.back();
        waiting.pop_back();
        const auto [begin, end] = children.equal_range(parent);
        for (auto it = begin; it != end; ++it) {
            found.push_back(it->second);
            waiting.push_back(it->second);
        }
    }
    return found;
}

std::size_t kill_descendants(pid_t root, int rounds) {
    std::size_t left = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto pids = list_descendants(root);
        left = pids.size();
        if (left == 0) return 0;
        for (const pid_t pid : pids)
            ::kill(pid, SIGKILL);
        ::poll(nullptr, 0, 5);
    }
    return left;
}

std::size_t signal_job(pid_t shell, int signal) {
    std::size_t count = 0;
    if (signal != SIGTERM) {
        for (const pid_t pid : list_descendants(shell)) {
            if (catches(pid, signal) && ::kill(pid, signal) == 0) ++count;
        }
        if (catches(shell, signal) && ::kill(shell, signal) == 0) ++count;
        return count;
    }
    const auto children = read_children();
    const auto [begin, end] = children.equal_range(shell);
    for (auto it = begin; it != end; ++it) {
        if (::kill(it->second, signal) == 0) ++count;
    }
    // bash replaces itself by the last command: then the shell is the job.
    if (begin == end && ::kill(shell, signal) == 0) ++count;
    return count;
}

std::size_t signal_whole_job(pid_t shell, int signal) {
    std::size_t count = 0;
    for (const pid_t pid : list_descendants(shell)) {
        if (::kill(pid, signal) == 0) ++count;
    }
    if (count == 0 && ::kill(shell, signal) == 0) ++count;
    return count;
}

void reap_orphans() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

}  // namespace herder
