#include "vastsim/process_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "vastsim/container_child.h"
#include "vastsim/process_table.h"

namespace herder::vastsim {

namespace fs = std::filesystem;

namespace {

// Marks every process of a container that runs without namespaces, so that also those that left
// its process group are found and killed.
constexpr const char* kMarker = "VASTSIM_CONTAINER";
constexpr int kKillRounds = 200;
constexpr int kEndWaitMs = 100;

constexpr const char* kSystemFolders[] = {"usr",   "bin",   "sbin",   "lib",
                                          "lib32", "lib64", "libx32", "etc"};
constexpr const char* kDevices[] = {"null", "zero", "full", "random", "urandom", "tty"};
// Before the machine's own tools in PATH.
constexpr const char* kDriverFolder = "opt/driver/bin";
constexpr const char* kOwnFolders[] = {"root", "tmp",     "workspace", "proc", "dev/shm",
                                       "run",  "var/tmp", "var/lib",   "home"};

// A launcher stays after the onstart has ended and reaps what it left behind (vast-api 5.4).
constexpr const char* kLauncher =
    "bash \"$HOME/onstart.sh\" & wait; while :; do sleep 3600 & wait $!; done";

// Returns when the process has ended, or after a while: it need not be a child of ours.
void await_end(std::int64_t pid) {
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0));
    if (handle < 0) return;
    pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
    poll(&ended, 1, kEndWaitMs);
    close(handle);
}

std::vector<std::string> arguments_of(const ContainerSpec& spec) {
    if (!spec.ends_with_main_process) return {"/bin/bash", "-c", kLauncher};
    std::vector<std::string> out = {"/bin/bash", "-c", "exec bash \"$HOME/onstart.sh\""};
    if (spec.args.empty()) return out;
    // With args the onstart is the entrypoint that receives them; without it they are the command.
    out[2] = spec.onstart.empty() ? "exec \"$@\"" : "exec " + spec.onstart + " \"$@\"";
    out.emplace_back("bash");
    out.insert(out.end(), spec.args.begin(), spec.args.end());
    return out;
}

std::vector<BindMount> binds_of(const fs::path& root) {
    std::vector<BindMount> binds;
    for (const char* name : kSystemFolders) {
        const fs::path source = fs::path("/") / name;
        if (fs::is_directory(source) && !fs::is_symlink(source)) {
            binds.push_back({source, root / name});
        }
    }
    for (const char* name : kDevices) {
        const fs::path source = fs::path("/dev") / name;
        if (fs::exists(source)) binds.push_back({source, root / "dev" / name});
    }
    return binds;
}

void make_system_folders(const fs::path& root) {
    for (const char* name : kSystemFolders) {
        const fs::path source = fs::path("/") / name;
        if (fs::is_symlink(source)) {
            if (!fs::is_symlink(root / name)) {
                fs::create_symlink(fs::read_symlink(source), root / name);
            }
        } else if (fs::is_directory(source)) {
            fs::create_directories(root / name);
        }
    }
    for (const char* name : kDevices)
        std::ofstream(root / "dev" / name, std::ios::app).flush();
    if (!fs::is_symlink(root / "dev/fd")) fs::create_symlink("/proc/self/fd", root / "dev/fd");
}

}  // namespace

ProcessRunner::ProcessRunner(std::string folder, Isolation wanted)
    : folder_(std::move(folder)),
      isolation_(wanted == Isolation::kNamespaces && can_isolate() ? Isolation::kNamespaces
                                                                   : Isolation::kPlain) {}

ProcessRunner::~ProcessRunner() {
    std::map<std::int64_t, int> running;
    {
        const std::lock_guard lock(mutex_);
        running.swap(running_);
    }
    for (const auto& [id, pid] : running)
        kill_tree(id, pid);
    std::error_code ignored;
    for (const std::int64_t id : folders_)
        fs::remove_all(folder_of(id), ignored);
}

std::string ProcessRunner::folder_of(std::int64_t id) const {
    return folder_ + "/c" + std::to_string(id);
}

std::string ProcessRunner::log_path(std::int64_t id) const {
    return folder_of(id) + "/log";
}

std::string ProcessRunner::root_path(std::int64_t id) const {
    return folder_of(id) + "/root";
}

Status ProcessRunner::prepare_root(const ContainerSpec& spec) const {
    const fs::path root = fs::path(folder_of(spec.id)) / "root";
    try {
        for (const char* name : kOwnFolders)
            fs::create_directories(root / name);
        fs::permissions(fs::path(folder_of(spec.id)), fs::perms::owner_all);
        for (const char* name : {"tmp", "dev/shm", "var/tmp"})
            fs::permissions(root / name, fs::perms::all | fs::perms::sticky_bit);
        if (isolation_ == Isolation::kNamespaces) make_system_folders(root);
        if (spec.gpus) {
            fs::create_directories(root / kDriverFolder);
            const fs::path tool = root / kDriverFolder / "nvidia-smi";
            std::ofstream(tool) << driver_tool(*spec.gpus);
            fs::permissions(tool, fs::perms::owner_all | fs::perms::group_read |
                                      fs::perms::group_exec | fs::perms::others_read |
                                      fs::perms::others_exec);
        }
        std::ofstream script(root / "root/onstart.sh");
        script << spec.onstart << '\n';
        if (!script.flush()) return internal("writing onstart.sh of " + std::to_string(spec.id));
    } catch (const fs::filesystem_error& error) {
        return internal("preparing the folder of container " + std::to_string(spec.id) + ": " +
                        error.what());
    }
    return ok();
}

std::vector<std::string> ProcessRunner::environment_of(const ContainerSpec& spec) const {
    const bool plain = isolation_ == Isolation::kPlain;
    const std::string home = plain ? folder_of(spec.id) + "/root/root" : "/root";
    const std::string driver =
        (plain ? folder_of(spec.id) + "/root/" : "/") + std::string(kDriverFolder) + ":";
    std::vector<std::string> out = {
        "PATH=" + (spec.gpus ? driver : std::string()) +
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=" + home, "LANG=C.UTF-8"};
    if (plain) {
        out.push_back("TMPDIR=" + folder_of(spec.id) + "/root/tmp");
        out.push_back(std::string(kMarker) + "=" + folder_of(spec.id));
    }
    for (const auto& [key, value] : spec.env)
        out.push_back(key + "=" + value);
    return out;
}

Status ProcessRunner::start(const ContainerSpec& spec) {
    kill(spec.id);
    {
        const std::lock_guard lock(mutex_);
        folders_.insert(spec.id);
    }
    if (const Status prepared = prepare_root(spec); !prepared) return prepared;
    const fs::path root = fs::path(folder_of(spec.id)) / "root";
    ChildPlan plan;
    plan.root = root;
    plan.isolated = isolation_ == Isolation::kNamespaces;
    plan.working_folder = plan.isolated ? "/root" : (root / "root").string();
    plan.hostname = "C." + std::to_string(spec.id);
    if (plan.isolated) plan.binds = binds_of(root);
    plan.arguments = arguments_of(spec);
    plan.environment = environment_of(spec);
    plan.log_fd = open(log_path(spec.id).c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (plan.log_fd < 0) {
        return internal("opening the log of container " + std::to_string(spec.id) + ": " +
                        std::strerror(errno));
    }
    const int pid = spawn_child(plan);
    const int reason = errno;
    close(plan.log_fd);
    if (pid < 0) {
        return unavailable("starting container " + std::to_string(spec.id) + ": " +
                           std::strerror(reason));
    }
    const std::lock_guard lock(mutex_);
    running_[spec.id] = pid;
    return ok();
}

std::vector<std::int64_t> ProcessRunner::members(std::int64_t id, int main_process) const {
    if (isolation_ == Isolation::kNamespaces) return process_tree(main_process);
    return processes_with_variable(std::string(kMarker) + "=" + folder_of(id));
}

// The end of a PID namespace's first process ends all others, and waitpid() returns after them.
void ProcessRunner::kill_tree(std::int64_t id, int main_process) {
    ::kill(main_process, SIGKILL);
    if (isolation_ == Isolation::kPlain) {
        ::kill(-main_process, SIGKILL);
        for (int round = 0; round < kKillRounds; ++round) {
            const std::vector<std::int64_t> left = members(id, main_process);
            if (left.empty()) break;
            for (const std::int64_t pid : left)
                ::kill(static_cast<pid_t>(pid), SIGKILL);
            for (const std::int64_t pid : left)
                await_end(pid);
        }
    }
    while (waitpid(main_process, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void ProcessRunner::kill(std::int64_t id) {
    int pid = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(id);
        if (found == running_.end()) return;
        pid = found->second;
        running_.erase(found);
    }
    kill_tree(id, pid);
}

// PID 1 of a container ignores the signal unless it handles it, as in a real container.
void ProcessRunner::terminate(std::int64_t id) {
    for (const std::int64_t pid : processes_of(id))
        ::kill(static_cast<pid_t>(pid), SIGTERM);
}

void ProcessRunner::remove(std::int64_t id) {
    kill(id);
    std::error_code ignored;
    fs::remove_all(folder_of(id), ignored);
    const std::lock_guard lock(mutex_);
    folders_.erase(id);
}

std::vector<ContainerExit> ProcessRunner::take_exits() {
    std::vector<ContainerExit> exits;
    const std::lock_guard lock(mutex_);
    for (auto entry = running_.begin(); entry != running_.end();) {
        int status = 0;
        if (waitpid(entry->second, &status, WNOHANG) != entry->second) {
            ++entry;
            continue;
        }
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        exits.push_back({entry->first, code});
        entry = running_.erase(entry);
    }
    return exits;
}

std::vector<std::int64_t> ProcessRunner::processes_of(std::int64_t id) const {
    int pid = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(id);
        if (found == running_.end()) return {};
        pid = found->second;
    }
    return members(id, pid);
}

}  // namespace herder::vastsim
