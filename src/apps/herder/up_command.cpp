#include "up_command.h"

#include <signal.h>

#include <CLI/App.hpp>

#include "budgets_file.h"
#include "detached.h"
#include "init_command.h"
#include "panic_command.h"
#include "run_command.h"
#include "server_app.h"
#include "server_file.h"
#include "server_options.h"
#include "storage_commands.h"
#include "vastsim/run_vastsim.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

// Waits for SIGINT or SIGTERM; they were blocked before any thread began.
void wait_for_signal(const sigset_t& signals) {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
}

sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

// Which key won: whoever has several accounts must be able to see it.
std::string key_line(const UpOptions& up) {
    if (up.demo) return "";
    const KeyReport& key = up.server.key_found;
    return "Key      from " + key.source +
           (key.hides.empty() ? "" : ", which hides another one in " + key.hides) + "\n";
}

std::string welcome(const ServerApp& server, const UpOptions& up) {
    return "Server   " + server.url() + "   (token in " + up.server.data_dir + "/token)\n" +
           "Agents   " + server.agent_url() + "\n" + "Market   " + up.server.vast_url +
           (up.demo ? "   (a pretend market: no account, no money)\n" : "\n") + key_line(up) +
           (server.storage() == kFolderStorage ? "" : "Storage  " + server.storage() + "\n") +
           (up.server.context == cli::kDefaultContext ? ""
                                                      : "Context  " + up.server.context + "\n");
}

// Nobody should wonder why nothing is rented.
std::string hold_line(const ServerApp& server) {
    const std::string holder = server.renting_held_by();
    if (holder.empty()) return "";
    return "Renting  is held since " + holder + " ended all machines: herder panic --lift\n";
}

ExitCode serve(Context& context, UpOptions& up, const Announce& announce) {
    const Status alone = check_no_server_runs(context.options.data_dir);
    if (!alone) return cli::fail(context, alone.error());
    const std::string& data_dir = context.options.data_dir;
    Result<BudgetsFile> budgets =
        read_budgets_file(data_dir, budgets_of(up, context.options.chosen));
    if (!budgets) return cli::fail(context, budgets.error());
    up.server.budgets = budgets->changed;
    Result<std::unique_ptr<ChildMarket>> market = prepare_market(up, context.options);
    if (!market) return cli::fail(context, market.error());
    const sigset_t signals = block_signals();
    Result<std::unique_ptr<ServerApp>> server = ServerApp::start(up.server);
    if (!server) return cli::fail(context, server.error());
    const Status noted = note_budgets_applied(data_dir, *budgets);
    if (!noted) return cli::fail(context, noted.error());
    announce(welcome(**server, up) + budgets->words + hold_line(**server), true);
    wait_for_signal(signals);
    context.streams.err << "Stopping ...\n" << std::flush;
    (*server)->stop();
    return ExitCode::kOk;
}

ExitCode run_up(Context& context, UpOptions& up) {
    const std::string& folder = context.options.data_dir;
    if (!up.detach) {
        return serve(context, up, [&](const std::string& text, bool) {
            context.streams.err << text << "Ready. Ctrl-C stops the server; " << after_stop(up.demo)
                                << ".\n"
                                << std::flush;
        });
    }
    const Status made = make_data_folder(folder);
    if (!made) return cli::fail(context, made.error());
    const std::string log_file = folder + "/server.log";
    return start_detached(context, log_file, [&](Context& child, const Announce& announce) {
        return serve(child, up, [&](const std::string& text, bool is_ready) {
            announce(text + "Log      " + log_file +
                         "\nReady, in the background. 'herder down' stops the server; " +
                         after_stop(up.demo) + ".\n",
                     is_ready);
        });
    });
}

void add_up(cli::Commands& commands) {
    auto& up = commands.keep<UpOptions>();
    CLI::App& command =
        commands.add("up", "start the server: queue, provisioner, monitor, cost tracker, API",
                     [&up](Context& context) { return run_up(context, up); });
    add_up_options(command, up);
    command.add_flag("-d,--detach", up.detach,
                     "go on in the background once the server is ready; 'herder down' stops it");
}

ExitCode run_market(Context& context, vastsim::Options& options) {
    options.on_serving = [&context](const std::string& url, vastsim::Isolation) {
        context.streams.err << "Market   " << url
                            << "\nReady. Point a Vast client at it with VAST_URL=" << url
                            << " and the key '--api-key'.\n"
                            << std::flush;
    };
    return static_cast<ExitCode>(vastsim::run_vastsim(options));
}

void add_vastsim(cli::Commands& commands) {
    auto& options = commands.keep<vastsim::Options>();
    CLI::App& command =
        commands.add("vastsim", "a pretend Vast.ai market whose machines are local processes",
                     [&options](Context& context) { return run_market(context, options); });
    command.add_option("--listen", options.listen_address, "address, as 127.0.0.1:8760");
    command.add_option("--scenario", options.scenario,
                       "a name (calm, busy, hostile, ...) or a file");
    command.add_option("--switch", options.switches,
                       "NAME=VALUE of any scenario key; may be given again (docs/vastsim.md)");
    command.add_option("--seed", options.seed, "same seed, same market");
    command.add_option("--time-scale", options.time_scale, "market seconds per real second");
    command.add_option("--api-key", options.api_key, "the account's key");
    command.add_option("--admin-token", options.admin_token, "wanted by /admin; empty: none");
    command.add_option("--url-file", options.url_file,
                       "the market's URL is written here once it serves");
    command.add_flag("--die-with-parent", options.die_with_parent,
                     "end when the starting process ends");
}

}  // namespace

void add_server_commands(cli::Commands& commands) {
    add_init_command(commands);
    add_up(commands);
    add_down_command(commands);
    add_vastsim(commands);
    add_run_command(commands);
    add_panic_command(commands);
    add_storage_commands(commands);
}

}  // namespace herder
