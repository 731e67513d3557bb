#include "server_options.h"

#include <CLI/App.hpp>
#include <cstdlib>
#include <map>
#include <optional>

#include "adapters/providers/vast/api_key.h"
#include "adapters/providers/vast/vast_provider.h"
#include "vastsim/run_vastsim.h"

namespace herder {

namespace {

std::string env_or(const char* name, const std::string& fallback) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? fallback : value;
}

// Demo settings: the same decisions, at the pace of a small market on this machine.
Settings demo_settings() {
    Settings settings = server_settings();
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

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) return std::nullopt;
    return value;
}

// Where the context says, and nowhere else: a key that is found elsewhere is another account's.
Result<vast::ApiKey> find_key(const config::ContextSpec& context) {
    if (!context.key_variable.empty())
        return vast::read_key_variable(context.key_variable, variable);
    if (!context.key_file.empty()) return vast::read_key_file(context.key_file);
    return vast::find_api_key(variable);
}

Status find_account(UpOptions& up, const config::ContextSpec& context) {
    ServerOptions& server = up.server;
    const Result<MarketAccount> account = find_market_account(server.vast_url, context);
    if (!account) return account.error();
    server.vast_url = account->url;
    server.vast_key = account->key;
    server.key_found.source = account->source;
    server.key_found.hides = account->hides;
    server.webhook_secret = env_or("HERDER_WEBHOOK_SECRET", "");
    return ok();
}

// What was given on the command line stays.
void enter_context(UpOptions& up, const cli::ChosenContext& chosen) {
    ServerOptions& server = up.server;
    const config::ContextSpec& spec = chosen.spec;
    server.context = chosen.name;
    server.label_prefix = spec.label_prefix;
    server.artifact_prefix = spec.artifact_prefix;
    server.hourly_max = spec.hourly_max;
    const ServerOptions usual;
    if (!spec.listen.empty() && server.listen == usual.listen) server.listen = spec.listen;
    if (!spec.agent_listen.empty() && server.agent_listen == usual.agent_listen)
        server.agent_listen = spec.agent_listen;
    if (server.agent_url.empty()) server.agent_url = spec.agent_url;
    if (server.storage.where.empty()) server.storage = {spec.storage, spec.storage_endpoint};
    if (server.logs_keep.empty()) server.logs_keep = spec.logs_keep;
}

}  // namespace

Result<MarketAccount> find_market_account(const std::string& url,
                                          const config::ContextSpec& context) {
    const Result<vast::ApiKey> key = find_key(context);
    if (!key) return key.error();
    std::string market = url.empty() ? context.vast_url : url;
    if (market.empty()) market = env_or("VAST_URL", vast::kDefaultUrl);
    return MarketAccount{market, key->key, key->source, key->hides};
}

Result<std::unique_ptr<ChildMarket>> prepare_market(UpOptions& up,
                                                    const cli::GlobalOptions& options) {
    const std::string& data_dir = options.data_dir;
    up.server.data_dir = data_dir;
    const Result<std::int64_t> scale = vastsim::parse_time_scale(up.time_scale);
    if (!scale) return scale.error();
    up.server.time_scale_milli = *scale;
    enter_context(up, options.chosen);
    if (!up.demo) {
        const Status account = find_account(up, options.chosen.spec);
        if (!account) return account.error();
        return std::unique_ptr<ChildMarket>();
    }
    Result<std::unique_ptr<ChildMarket>> market =
        ChildMarket::start(data_dir, up.seed, up.time_scale);
    if (!market) return market;
    up.server.vast_url = (*market)->url();
    up.server.vast_key = "demo";
    up.server.ends_market = true;
    up.server.key_found.source = "the pretend market";
    up.server.agent_listen = "127.0.0.1:0";
    up.server.settings = demo_settings();
    return market;
}

std::string budgets_of(const UpOptions& up, const cli::ChosenContext& chosen) {
    return up.budgets_file.empty() ? chosen.spec.budgets_file : up.budgets_file;
}

void add_up_options(CLI::App& command, UpOptions& up) {
    command.add_flag("--demo", up.demo,
                     "with a pretend market on this machine: no account, no money");
    up.server.listen = env_or("HERDER_LISTEN", up.server.listen);
    command.add_option("--listen", up.server.listen,
                       "address of the API (plain HTTP); default 127.0.0.1:8750, $HERDER_LISTEN");
    command.add_option("--agent-listen", up.server.agent_listen,
                       "address for rented machines (TLS)");
    command.add_option("--agent-url", up.server.agent_url,
                       "how rented machines reach --agent-listen, as https://host:port");
    command.add_option("--vast-url", up.server.vast_url, "another Vast-compatible market");
    command.add_option("--agent-binary", up.server.agent_binary,
                       "the herder-agent that machines fetch");
    command.add_option(
        "--budgets", up.budgets_file,
        "the file of limits; default the nearest budgets.yaml (., config, user, system)");
    command.add_option("--storage", up.server.storage.where,
                       "where checkpoints and outputs go: s3://BUCKET/PREFIX, gs://..., az://..., "
                       "a name of 'herder "
                       "storage ls', or folder");
    command.add_option("--storage-endpoint", up.server.storage.endpoint,
                       "of an s3:// elsewhere than at AWS (MinIO, Ceph, R2): https://HOST; also "
                       "$AWS_ENDPOINT_URL_S3");
    command.add_option("--logs-keep", up.server.logs_keep,
                       "how long after a job's end its logs and metrics are kept, as 30d; default "
                       "forever");
    command
        .add_option("--run-type", up.server.run_type,
                    "how machines start: ssh (a shell beside the job), jupyter, or args (the agent "
                    "is the container's only process)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, RunType>{
            {"ssh", RunType::kSsh}, {"jupyter", RunType::kJupyter}, {"args", RunType::kCommand}}))
        ->option_text("ssh|jupyter|args");
    command.add_option("--record", up.server.record_file,
                       "record every input, to replay an incident");
    command.add_option("--time-scale", up.time_scale, "run all clocks faster, for tests");
    command.add_option("--seed", up.seed, "of the pretend market");
}

}  // namespace herder
