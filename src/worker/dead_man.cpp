#include "worker/dead_man.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "adapters/http/client.h"
#include "base/digest.h"
#include "base/log.h"
#include "worker/process_tree.h"

namespace herder {
namespace {

constexpr int kExitNoAgent = 2;

class Switch {
  public:
    Switch(const DeadManOptions& options, const MachineClock& clock, const RunAgent& run)
        : options_(options), clock_(clock), run_(run) {
        destroy_at_ = clock_.monotonic() + options_.after + options_.time_to_save;
    }

    int run() {
        sigset_t signals;
        sigemptyset(&signals);
        for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
            sigaddset(&signals, signal);
        ::sigprocmask(SIG_BLOCK, &signals, &signals_before_);
        signal_fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        if (!start_agent()) {
            log_error("switch.no_agent", {{"why", std::strerror(errno)}});
            return kExitNoAgent;
        }
        while (!over_) {
            std::array<pollfd, 2> fds{{{pipe_, POLLIN, 0}, {signal_fd_, POLLIN, 0}}};
            ::poll(fds.data(), fds.size(), wait_ms());
            if (fds[0].revents != 0) read_pipe();
            if (fds[1].revents != 0) read_signals(signal_fd_);
            if (clock_.monotonic() >= destroy_at_) destroy();
            if (clock_.monotonic() >= restart_at_) restart_agent();
        }
        ::close(signal_fd_);
        return exit_code_;
    }

  private:
    // False with errno where the system refuses.
    bool start_agent() {
        // A process that an agent leaves may hold the writing end: reading must never wait.
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return false;
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::close(pipe[0]);
            ::close(signal_fd_);
            ::sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
            std::exit(run_(DeadManLink(pipe[1], options_.word), life_));
        }
        ::close(pipe[1]);
        if (pid < 0) {
            ::close(pipe[0]);
            return false;
        }
        if (pipe_ >= 0) ::close(pipe_);
        pipe_ = pipe[0];
        text_.clear();
        agent_ = pid;
        return true;
    }

    // What ended by a signal did not decide to end. One that was told to stop, or whose machine is
    // being destroyed, is not wanted any more.
    bool may_restart(int status) const {
        return WIFSIGNALED(status) && !dismissed_ && !is_stopping_ &&
               life_.number < options_.restarts_max && clock_.monotonic() < destroy_at_;
    }

    void restart_agent() {
        restart_at_ = kNever;
        ++life_.number;
        log_warn("switch.agent_restarted", {{"signal", std::to_string(life_.ended_by)},
                                            {"restarts", std::to_string(life_.number)}});
        if (!start_agent()) {
            log_error("switch.no_agent", {{"why", std::strerror(errno)}});
            over_ = options_.instance.empty();
        }
    }

    int wait_ms() const {
        const Instant next = std::min(destroy_at_, restart_at_);
        const Duration left = clock_.real(next - clock_.monotonic());
        return static_cast<int>(std::clamp<std::int64_t>(left.whole_milliseconds() + 1, 1, 60'000));
    }

    void read_pipe() {
        std::array<char, 1024> buffer{};
        const ssize_t n = ::read(pipe_, buffer.data(), buffer.size());
        if (n == 0) {
            ::close(pipe_);
            pipe_ = -1;
        }
        if (n <= 0) return;
        text_.append(buffer.data(), static_cast<std::size_t>(n));
        for (std::size_t end = 0; (end = text_.find('\n')) != std::string::npos;) {
            take(text_.substr(0, end));
            text_.erase(0, end + 1);
        }
        if (text_.size() > 4096) text_.clear();
    }

    void take(const std::string& line) {
        // "WORD touch MICROSECONDS" or "WORD dismiss"
        const auto blank = line.find(' ');
        if (blank == std::string::npos || !equal_secret(line.substr(0, blank), options_.word))
            return;
        const std::string verb = line.substr(blank + 1);
        if (verb == "dismiss") dismissed_ = true;
        if (verb.rfind("session ", 0) == 0) life_.session = verb.substr(8);
        if (verb.rfind("touch ", 0) == 0) {
            const Duration after{std::strtoll(verb.c_str() + 6, nullptr, 10)};
            destroy_at_ = clock_.monotonic() + std::max(after, Duration{}) + options_.time_to_save;
        }
    }

    void read_signals(int fd) {
        signalfd_siginfo info{};
        while (::read(fd, &info, sizeof info) == sizeof info) {
            if (info.ssi_signo != SIGCHLD) is_stopping_ = true;
            if (info.ssi_signo != SIGCHLD && agent_ > 0) {
                ::kill(agent_, static_cast<int>(info.ssi_signo));
            } else if (info.ssi_signo != SIGCHLD && agent_ == 0) {
                over_ = true;
            }
        }
        reap();
    }

    void reap() {
        int status = 0;
        pid_t pid = 0;
        while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
            if (pid == agent_) agent_ended(status);
        }
    }

    void agent_ended(int status) {
        agent_ = 0;
        exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (pipe_ >= 0) read_pipe();
        // A job without its agent is fenced by nobody.
        kill_descendants(::getpid());
        log_warn("switch.agent_ended", {{"exit_code", std::to_string(exit_code_)}});
        if (may_restart(status)) {
            life_.ended_by = WTERMSIG(status);
            restart_at_ = clock_.monotonic() + options_.restart_pause * (1LL << life_.number);
        } else if (dismissed_ || options_.instance.empty()) {
            over_ = true;
        }
    }

    void destroy() {
        destroy_at_ = clock_.monotonic() + options_.destroy_again;
        if (options_.instance.empty()) return;
        const Status destroyed = destroy_machine(options_);
        log_warn("switch.destroy",
                 {{"instance", options_.instance},
                  {"result", destroyed ? "accepted" : destroyed.error().message}});
    }

    const DeadManOptions& options_;
    const MachineClock& clock_;
    const RunAgent& run_;
    sigset_t signals_before_{};
    int signal_fd_ = -1;
    int pipe_ = -1;
    pid_t agent_ = 0;
    AgentLife life_;
    Instant destroy_at_;
    Instant restart_at_ = kNever;
    std::string text_;
    bool dismissed_ = false;
    bool is_stopping_ = false;
    bool over_ = false;
    int exit_code_ = 0;
};

}  // namespace

void DeadManLink::send(const std::string& line) {
    const std::string text = word_ + " " + line + "\n";
    // Short writes to a pipe are atomic (PIPE_BUF); a full pipe means that the switch hangs.
    [[maybe_unused]] const auto ignored = ::write(fd_, text.data(), text.size());
}

void DeadManLink::touch(Duration after) {
    send("touch " + std::to_string(after.us));
}

void DeadManLink::dismiss() {
    send("dismiss");
}

void DeadManLink::keep_session(const std::string& key) {
    send("session " + key);
}

int guard_agent(const DeadManOptions& options, const MachineClock& clock, const RunAgent& run) {
    return Switch(options, clock, run).run();
}

Status destroy_machine(const DeadManOptions& options) {
    auto client = http::Client::open(options.api_base);
    if (!client) return client.error();
    http::Request request;
    request.method = "DELETE";
    request.target = "/api/v0/instances/" + http::percent_encode(options.instance) + "/";
    request.headers.set("authorization", "Bearer " + options.api_key);
    http::CallOptions call;
    call.timeout = seconds(20);
    const auto response = (*client)->call(request, call).to_result();
    if (!response) return response.error();
    if (!response->is_success() && response->status != 404) {
        return unavailable("the provider answered " + std::to_string(response->status));
    }
    return ok();
}

}  // namespace herder
