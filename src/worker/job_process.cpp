#include "worker/job_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "worker/process_tree.h"

namespace herder {
namespace {

constexpr std::size_t kTailSize = 4096;
constexpr int kPollMs = 50;

// Kills by the kernel for lack of memory in this container (cgroup v2 and v1); -1 if not known.
std::int64_t read_oom_kills() {
    for (const char* path :
         {"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"}) {
        std::ifstream file(path);
        for (std::string word; file >> word;) {
            std::int64_t count = 0;
            if (word == "oom_kill" && file >> count) return count;
        }
    }
    return -1;
}

bool contains(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        if (text.find(word) != std::string::npos) return true;
    }
    return false;
}

std::string last_lines(const std::string& tail) {
    std::size_t from = tail.size();
    for (int lines = 0; from > 0 && lines < 6 && tail.size() - from < 1000; --from) {
        if (tail[from - 1] == '\n' && from != tail.size()) ++lines;
        if (lines == 6) break;
    }
    std::string text = tail.substr(from);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> made;
    for (const std::string& text : texts)
        made.push_back(const_cast<char*>(text.c_str()));
    made.push_back(nullptr);
    return made;
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become_job(int out, int err, const char* folder, char* const* argv,
                             char* const* envp) {
    ::setsid();
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    if (null >= 0) ::dup2(null, STDIN_FILENO);
    for (int signal = 1; signal < 32; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    constexpr std::string_view kNoFolder = "herder: the job's work folder cannot be entered\n";
    constexpr std::string_view kNoShell =
        "herder: this image has neither bash nor /bin/sh to run the job with; name an image that "
        "has bash\n";
    const bool entered = ::chdir(folder) == 0;
    if (entered) ::execve(argv[0], argv, envp);
    const std::string_view message = entered ? kNoShell : kNoFolder;
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, message.data(), message.size());
    ::_exit(127);
}

std::vector<std::string> shell_arguments(const std::string& command) {
    for (const char* path : {"/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"}) {
        if (::access(path, X_OK) == 0) return {path, "-euo", "pipefail", "-c", command};
    }
    return {"/bin/sh", "-eu", "-c", command};
}

// False at the end of the stream.
bool pump(int fd, bool is_stderr, const JobProcess::Hooks& hooks, std::string& tail) {
    std::array<char, 32768> buffer{};
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
    if (is_stderr) {
        tail.append(text);
        if (tail.size() > 2 * kTailSize) tail.erase(0, tail.size() - kTailSize);
    }
    hooks.on_output(is_stderr, text);
    return true;
}

}  // namespace

int signal_number(const std::string& name) {
    const std::string bare = name.rfind("SIG", 0) == 0 ? name.substr(3) : name;
    for (int signal = 1; signal < 32; ++signal) {
        const char* abbreviation = sigabbrev_np(signal);
        if (abbreviation != nullptr && bare == abbreviation) return signal;
    }
    return 0;
}

JobProcess::~JobProcess() {
    end();
}

void JobProcess::end() {
    if (running_) kill_everything();
    if (thread_.joinable()) thread_.join();
}

Status JobProcess::start(const JobCommand& command, Hooks hooks) {
    if (running_) return internal("a command is already running");
    if (thread_.joinable()) thread_.join();
    std::array<int, 2> out{};
    std::array<int, 2> err{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0)
        return unavailable("making a pipe for the job's output");
    if (::pipe2(err.data(), O_CLOEXEC) != 0) {
        ::close(out[0]);
        ::close(out[1]);
        return unavailable("making a pipe for the job's output");
    }
    const std::vector<std::string> arguments = shell_arguments(command.command);
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(command.env);
    const std::int64_t oom_kills = read_oom_kills();
    const pid_t pid = ::fork();
    if (pid == 0) become_job(out[1], err[1], command.folder.c_str(), argv.data(), envp.data());
    ::close(out[1]);
    ::close(err[1]);
    if (pid < 0) {
        ::close(out[0]);
        ::close(err[0]);
        return unavailable(std::string("starting the job's shell: ") + std::strerror(errno));
    }
    pid_ = pid;
    running_ = true;
    thread_ = std::thread([this, out, err, oom_kills, hooks = std::move(hooks)]() mutable {
        watch({out[0], err[0]}, std::move(hooks), oom_kills);
    });
    return ok();
}

int JobProcess::wait_and_drain(Pipes& pipes, const Hooks& hooks, std::string& tail) {
    int status = 0;
    bool ended = false;
    bool out_open = true;
    bool err_open = true;
    while (!ended || out_open || err_open) {
        std::array<pollfd, 2> fds{
            {{out_open ? pipes.out : -1, POLLIN, 0}, {err_open ? pipes.err : -1, POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), kPollMs);
        if (fds[0].revents != 0) out_open = pump(pipes.out, false, hooks, tail);
        if (fds[1].revents != 0) err_open = pump(pipes.err, true, hooks, tail);
        if (!ended && ::waitpid(pid_, &status, WNOHANG) != 0) {
            ended = true;
            // What the command left in the background ends with it, and closes the pipes.
            kill_descendants(::getpid());
        }
    }
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status);
}

void JobProcess::watch(Pipes pipes, Hooks hooks, std::int64_t oom_kills_before) {
    worker_input::ProcessEnd end;
    std::string tail;
    end.exit_code = wait_and_drain(pipes, hooks, tail);
    ::close(pipes.out);
    ::close(pipes.err);
    reap_orphans();
    if (end.exit_code != 0) {
        const std::int64_t oom_kills = read_oom_kills();
        end.host_out_of_memory = (oom_kills_before >= 0 && oom_kills > oom_kills_before) ||
                                 contains(tail, {"MemoryError", "std::bad_alloc"});
        end.gpu_out_of_memory = contains(
            tail, {"CUDA out of memory", "CUDA error: out of memory", "CUDA_ERROR_OUT_OF_MEMORY"});
        end.disk_full = contains(tail, {"No space left on device", "ENOSPC"});
        end.detail = last_lines(hooks.clean ? hooks.clean(tail) : tail);
    }
    running_ = false;
    hooks.on_end(std::move(end));
}

void JobProcess::signal_soft(const std::string& name) {
    const int number = signal_number(name);
    if (running_) signal_job(pid_, number == 0 ? SIGTERM : number);
}

void JobProcess::signal_term() {
    if (running_) signal_whole_job(pid_, SIGTERM);
}

void JobProcess::kill_everything() {
    kill_descendants(::getpid());
}

}  // namespace herder
