#include "worker/nvidia_smi.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

namespace herder {
namespace {

constexpr int kTimeoutMs = 5000;
constexpr std::size_t kOutputMax = 64 * 1024;
constexpr std::size_t kRowsMax = 64;

std::string trim(const std::string& text) {
    const auto from = text.find_first_not_of(' ');
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \r") - from + 1);
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    pollfd waiting{fd, POLLIN, 0};
    while (text.size() < kOutputMax && ::poll(&waiting, 1, kTimeoutMs) > 0) {
        const ssize_t n = ::read(fd, buffer.data(), buffer.size());
        if (n <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
}

}  // namespace

std::optional<std::string> query_nvidia_smi(const std::string& fields) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::string name = "nvidia-smi";
    std::string query = "--query-gpu=" + fields;
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

std::vector<std::vector<std::string>> parse_smi_rows(const std::string& text, std::size_t columns) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && rows.size() < kRowsMax;) {
        std::vector<std::string> cells;
        std::istringstream rest(line);
        for (std::string cell; std::getline(rest, cell, ',') && cells.size() <= columns;)
            cells.push_back(trim(cell));
        if (cells.size() == columns) rows.push_back(std::move(cells));
    }
    return rows;
}

}  // namespace herder
