#include "worker/machine_health.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace herder {
namespace {

constexpr int kSmiTimeoutMs = 5000;
constexpr std::size_t kSmiOutputMax = 64 * 1024;

std::string trim(const std::string& text) {
    const auto from = text.find_first_not_of(' ');
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \r") - from + 1);
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    pollfd waiting{fd, POLLIN, 0};
    while (text.size() < kSmiOutputMax && ::poll(&waiting, 1, kSmiTimeoutMs) > 0) {
        const ssize_t n = ::read(fd, buffer.data(), buffer.size());
        if (n <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
}

// Nothing when the program is not there.
std::optional<std::string> run_nvidia_smi() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::string name = "nvidia-smi";
    std::string query = "--query-gpu=name,utilization.gpu,memory.used,memory.total,temperature.gpu";
    std::string format = "--format=csv,noheader,nounits";
    std::array<char*, 4> argv{name.data(), query.data(), format.data(), nullptr};
    pid_t pid = 0;
    const int failed = ::posix_spawnp(&pid, name.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    std::optional<std::string> text;
    if (failed == 0) {
        text = read_all(pipe[0]);
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    ::close(pipe[0]);
    return text;
}

}  // namespace

std::vector<GpuHealth> parse_nvidia_smi(const std::string& text) {
    std::vector<GpuHealth> gpus;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && gpus.size() < 64;) {
        std::array<std::string, 5> cells;
        std::istringstream rest(line);
        std::size_t count = 0;
        for (std::string cell; count < cells.size() && std::getline(rest, cell, ','); ++count)
            cells[count] = trim(cell);
        if (count != cells.size()) continue;
        gpus.push_back({cells[0], std::atoi(cells[1].c_str()), std::atoll(cells[2].c_str()),
                        std::atoll(cells[3].c_str()), std::atoi(cells[4].c_str())});
    }
    return gpus;
}

MachineHealth HealthMeter::measure() {
    MachineHealth health;
    std::ifstream stat("/proc/stat");
    std::string word;
    stat >> word;
    std::int64_t total = 0;
    std::int64_t idle = 0;
    std::int64_t value = 0;
    for (int field = 0; field < 8 && stat >> value; ++field) {
        total += value;
        if (field == 3 || field == 4) idle += value;  // idle and iowait, proc(5)
    }
    const std::int64_t busy = total - idle;
    if (total_ > 0 && total > total_) {
        health.cpu_percent = static_cast<int>((busy - busy_) * 100 / (total - total_));
    }
    busy_ = busy;
    total_ = total;

    std::ifstream meminfo("/proc/meminfo");
    std::int64_t available = 0;
    for (std::string line; std::getline(meminfo, line);) {
        std::istringstream rest(line);
        rest >> word >> value;
        if (word == "MemTotal:") health.memory_total = Bytes{value * 1024};
        if (word == "MemAvailable:") available = value * 1024;
    }
    health.memory_used = Bytes{health.memory_total.count - available};
    struct statvfs disk{};
    if (::statvfs(disk_path_.c_str(), &disk) == 0) {
        health.disk_free = Bytes{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
    }
    if (has_gpus_) {
        const auto text = run_nvidia_smi();
        has_gpus_ = text.has_value();
        if (text) health.gpus = parse_nvidia_smi(*text);
    }
    return health;
}

}  // namespace herder
