#include "up_command.h"

#include <signal.h>

#include <CLI/App.hpp>
#include <cstdlib>
#include <optional>

#include "adapters/providers/vast/api_key.h"
#include "adapters/providers/vast/vast_provider.h"
#include "child_market.h"
#include "server_app.h"
#include "vastsim/run_vastsim.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

struct UpOptions {
    ServerOptions server;
    std::string time_scale = "1";
    std::uint64_t seed = 1;
    bool demo = false;
};

std::string env_or(const char* name, const std::string& fallback) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? fallback : value;
}

// Demo settings: the same decisions, at the pace of a small market on this machine.
Settings demo_settings() {
    Settings settings;
    settings.create_interval = milliseconds(4600);
    settings.list_fast = seconds(2);
    settings.report_every = seconds(1);
    settings.suspect_after = seconds(4);
    settings.backoff_first = seconds(1);
    settings.charges_every = seconds(5);
    settings.settle_after = seconds(40);
    settings.persist_progress = seconds(1);
    return settings;
}

Status find_account(UpOptions& up) {
    if (up.server.vast_url.empty()) up.server.vast_url = env_or("VAST_URL", vast::kDefaultUrl);
    const Result<vast::ApiKey> key =
        vast::find_api_key([](const char* name) -> std::optional<std::string> {
            const char* value = std::getenv(name);
            if (value == nullptr) return std::nullopt;
            return value;
        });
    if (!key) return key.error();
    up.server.vast_key = key->key;
    return ok();
}

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

ExitCode run_up(Context& context, UpOptions& up) {
    up.server.data_dir = context.options.data_dir;
    const Result<std::int64_t> scale = vastsim::parse_time_scale(up.time_scale);
    if (!scale) return cli::fail(context, scale.error());
    up.server.time_scale_milli = *scale;
    std::unique_ptr<ChildMarket> market;
    if (up.demo) {
        Result<std::unique_ptr<ChildMarket>> started =
            ChildMarket::start(up.server.data_dir, up.seed, up.time_scale);
        if (!started) return cli::fail(context, started.error());
        market = std::move(*started);
        up.server.vast_url = market->url();
        up.server.vast_key = "demo";
        up.server.agent_listen = "127.0.0.1:0";
        up.server.settings = demo_settings();
    } else if (const Status account = find_account(up); !account) {
        return cli::fail(context, account.error());
    }
    const sigset_t signals = block_signals();
    Result<std::unique_ptr<ServerApp>> server = ServerApp::start(up.server);
    if (!server) return cli::fail(context, server.error());
    context.streams.err << "Server   " << (*server)->url() << "   (token in " << up.server.data_dir
                        << "/token)\n"
                        << "Agents   " << (*server)->agent_url() << "\n"
                        << "Market   " << up.server.vast_url
                        << (up.demo ? "   (a pretend market: no account, no money)" : "")
                        << "\nReady. Ctrl-C stops the server; running jobs go on and are taken up "
                           "again at the next start.\n"
                        << std::flush;
    wait_for_signal(signals);
    context.streams.err << "Stopping ...\n" << std::flush;
    (*server)->stop();
    return ExitCode::kOk;
}

void add_up(cli::Commands& commands) {
    auto& up = commands.keep<UpOptions>();
    CLI::App& command =
        commands.add("up", "start the server: queue, provisioner, monitor, cost tracker, API",
                     [&up](Context& context) { return run_up(context, up); });
    command.add_flag("--demo", up.demo,
                     "with a pretend market on this machine: no account, no money");
    command.add_option("--listen", up.server.listen, "address of the API (plain HTTP)");
    command.add_option("--agent-listen", up.server.agent_listen,
                       "address for rented machines (TLS)");
    command.add_option("--agent-url", up.server.agent_url,
                       "how rented machines reach --agent-listen, as https://host:port");
    command.add_option("--vast-url", up.server.vast_url, "another Vast-compatible market");
    command.add_option("--agent-binary", up.server.agent_binary,
                       "the herder-agent that machines fetch");
    command.add_option("--record", up.server.record_file,
                       "record every input, to replay an incident");
    command.add_option("--time-scale", up.time_scale, "run all clocks faster, for tests");
    command.add_option("--seed", up.seed, "of the pretend market");
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
    command.add_option("--scenario", options.scenario, "built-in name (calm, hostile) or a file");
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
    add_up(commands);
    add_vastsim(commands);
}

}  // namespace herder
