#include "detached.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "adapters/system/system_clock.h"
#include "server_file.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

constexpr char kReady = '\x06';  // ends what the child announces once it serves
// A call on the wire is waited for before a server ends.
constexpr int kStopTries = 600;  // of 100 ms

// In the child: no terminal, no input, its words in the log.
bool leave_terminal(const std::string& log_file) {
    setsid();
    const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return input >= 0 && log >= 0 && dup2(input, STDIN_FILENO) >= 0 &&
           dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
}

// Reads until the child has said all of it; true when it serves.
bool read_announcement(int from, std::string& text) {
    char block[4096];
    while (true) {
        const ssize_t got = read(from, block, sizeof block);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        text.append(block, static_cast<std::size_t>(got));
        if (text.back() == kReady) {
            text.pop_back();
            return true;
        }
    }
}

void write_all(int to, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t put = write(to, text.data() + done, text.size() - done);
        if (put < 0 && errno != EINTR) return;
        if (put > 0) done += static_cast<std::size_t>(put);
    }
}

[[noreturn]] void become_server(Context& parent, const std::string& log_file, int announce_to,
                                const std::function<ExitCode(Context&, const Announce&)>& serve) {
    std::ostringstream errors;
    cli::Streams streams{.in = parent.streams.in, .out = parent.streams.out, .err = errors};
    cli::Output output(streams.out, errors, {.format = parent.output.format()});
    Context context{parent.options, streams, output};
    ExitCode code = ExitCode::kFailed;
    if (leave_terminal(log_file)) {
        code = serve(context, [announce_to](const std::string& text, bool is_ready) {
            write_all(announce_to, is_ready ? text + kReady : text);
            close(announce_to);
        });
    } else {
        output.error(unavailable("cannot write the server's log " + log_file + ": " +
                                 std::strerror(errno) + "; give another folder with --data-dir"));
    }
    write_all(announce_to, errors.str());
    _exit(static_cast<int>(code));
}

}  // namespace

ExitCode start_detached(Context& context, const std::string& log_file,
                        const std::function<ExitCode(Context&, const Announce&)>& serve) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return cli::fail(context, unavailable("cannot start in the background: no pipe"));
    }
    const pid_t child = fork();
    if (child < 0) {
        return cli::fail(context, unavailable(std::string("cannot start in the background: ") +
                                              std::strerror(errno)));
    }
    if (child == 0) {
        close(ends[0]);
        become_server(context, log_file, ends[1], serve);
    }
    close(ends[1]);
    std::string text;
    const bool is_ready = read_announcement(ends[0], text);
    close(ends[0]);
    context.streams.err << text << std::flush;
    if (is_ready) return ExitCode::kOk;
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (text.empty()) {
        context.output.error(
            unavailable("the server ended at once; its log " + log_file + " says why"));
    }
    return WIFEXITED(status) ? static_cast<ExitCode>(WEXITSTATUS(status)) : ExitCode::kFailed;
}

ExitCode stop_server(Context& context) {
    const std::string& folder = context.options.data_dir;
    const RunningServer running = find_running_server(folder);
    const pid_t pid = running.pid;
    if (pid == 0) {
        return cli::fail(context, not_found("no server runs with the data folder " + folder +
                                            "; name another one with --data-dir"));
    }
    if (kill(pid, SIGTERM) != 0) {
        return cli::fail(context, Error{ErrorCode::kForbidden, "cannot stop the server (process " +
                                                                   std::to_string(pid) +
                                                                   "): " + std::strerror(errno)});
    }
    const SystemClock clock;
    for (int i = 0; i < kStopTries; ++i) {
        if (find_running_server(folder).pid != pid) {
            context.output.note("stopped the server of " + folder + "; " +
                                after_stop(running.ends_market));
            return ExitCode::kOk;
        }
        clock.sleep(milliseconds(100));
    }
    return cli::fail(context,
                     Error{ErrorCode::kTimedOut, "the server (process " + std::to_string(pid) +
                                                     ") did not end within a minute; " + folder +
                                                     "/server.log may say what it waits for"});
}

void add_down_command(cli::Commands& commands) {
    commands.add("down", "stop the server of --data-dir; without --demo, running jobs go on",
                 stop_server);
}

}  // namespace herder
