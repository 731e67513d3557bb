#include "run_command.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <vector>

#include "adapters/system/system_clock.h"
#include "budgets_file.h"
#include "server_app.h"
#include "server_file.h"
#include "server_options.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

// How long the end of the job's machines is waited for; the next start takes up what is left.
constexpr Duration kReapPatience = minutes(3);

struct RunOptions {
    UpOptions up;
    CLI::App* command = nullptr;
};

// Jobs of `herder run` carry it: whoever waited for them is gone when their server is.
constexpr char kRunLabel[] = "herder-run";

sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

[[noreturn]] void become_launch(std::vector<std::string> words) {
    const sigset_t signals = ending_signals();
    sigprocmask(SIG_UNBLOCK, &signals, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // A child that outlives us must not keep our listeners: connections to them would hang.
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    execv("/proc/self/exe", argv.data());
    _exit(127);
}

// Runs `herder launch -y ...` as a child and returns its exit code. SIGINT and SIGTERM, which are
// blocked here, make it let go of the job.
int launch(const cli::GlobalOptions& options, const std::vector<std::string>& arguments) {
    // A context leads to the same folder by its name.
    std::vector<std::string> words = {"herder", "--context", options.chosen.name};
    if (options.chosen.name == cli::kDefaultContext)
        words.insert(words.end(), {"--data-dir", options.data_dir});
    words.insert(words.end(), {"launch", "-y"});
    words.insert(words.end(), arguments.begin(), arguments.end());
    const pid_t pid = fork();
    if (pid < 0) return static_cast<int>(ExitCode::kFailed);
    if (pid == 0) become_launch(std::move(words));
    const sigset_t signals = ending_signals();
    const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (sigtimedwait(&signals, nullptr, &pause) > 0) kill(pid, SIGINT);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(ExitCode::kInterrupted);
}

void wait_for_machines(const ServerApp& server, Context& context) {
    const SystemClock clock;
    const Instant until = clock.monotonic() + kReapPatience;
    while (server.open_machines() > 0 && clock.monotonic() < until)
        clock.sleep(milliseconds(100));
    const std::size_t left = server.open_machines();
    if (left == 0) return;
    context.streams.err
        << left << " machine(s) are not confirmed gone yet; any herder command that starts a "
        << "server with this data folder ends them\n";
}

ExitCode run(Context& context, RunOptions& options) {
    const std::string& data_dir = context.options.data_dir;
    const std::vector<std::string> arguments = options.command->remaining();
    if (arguments.empty()) {
        return cli::fail(context, invalid("nothing to run; write 'herder run job.yaml'"));
    }
    if (context.options.chosen.is_guarded()) {
        const Result<bool> agreed = cli::confirm(context, "Run?");
        if (!agreed) return cli::fail(context, agreed.error());
        if (!*agreed) return ExitCode::kFailed;
    }
    const sigset_t signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread begins
    if (find_running_server(data_dir).pid != 0) {
        return static_cast<ExitCode>(launch(context.options, arguments));
    }
    const Result<BudgetsFile> budgets =
        read_budgets_file(data_dir, budgets_of(options.up, context.options.chosen));
    if (!budgets) return cli::fail(context, budgets.error());
    options.up.server.budgets = budgets->changed;
    options.up.server.listen = "127.0.0.1:0";
    Result<std::unique_ptr<ChildMarket>> market = prepare_market(options.up, context.options);
    if (!market) return cli::fail(context, market.error());
    Result<std::unique_ptr<ServerApp>> server = ServerApp::start(options.up.server);
    if (!server) return cli::fail(context, server.error());
    const Status noted = note_budgets_applied(data_dir, *budgets);
    if (!noted) return cli::fail(context, noted.error());
    if (const std::size_t left = (*server)->cancel_labelled(kRunLabel); left > 0) {
        context.output.note("ending " + std::to_string(left) +
                            " job(s) of an earlier run that was killed");
    }
    std::vector<std::string> words = arguments;
    words.insert(words.end(), {"--set", std::string("labels.") + kRunLabel + "=embedded"});
    const int code = launch(context.options, words);
    if ((*server)->cancel_labelled(kRunLabel) > 0) {
        context.output.note("interrupted: cancelling the job, waiting for its machine to be gone");
    }
    wait_for_machines(**server, context);
    (*server)->stop();
    return static_cast<ExitCode>(code);
}

}  // namespace

void add_run_command(cli::Commands& commands) {
    auto& options = commands.keep<RunOptions>();
    options.command = &commands.add("run",
                                    "run one job to its end with a server of its own: herder run "
                                    "[--demo] JOB.yaml [launch options]",
                                    [&options](Context& context) { return run(context, options); });
    add_up_options(*options.command, options.up);
    // What comes after our own options belongs to launch, so nothing may fall through to the root.
    options.command->prefix_command();
    options.command->fallthrough(false);
}

}  // namespace herder
