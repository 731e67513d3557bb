#include "server_app.h"

#include <filesystem>
#include <future>

#include "adapters/http/server.h"
#include "adapters/providers/vast/vast_account.h"
#include "adapters/providers/vast/vast_provider.h"
#include "adapters/providers/vast/webhook_intake.h"
#include "adapters/store/sqlite/sqlite_store.h"
#include "adapters/system/system_clock.h"
#include "api/agent_api.h"
#include "api/api.h"
#include "api/problem_json.h"
#include "api/served_files.h"
#include "artifact_home.h"
#include "base/digest.h"
#include "base/log.h"
#include "cli/app.h"
#include "effects.h"
#include "engine/engine_thread.h"
#include "engine/input_recorder.h"
#include "hold_note.h"
#include "http_exchange.h"
#include "identity.h"
#include "log_home.h"
#include "own_files.h"
#include "protocol/agent_paths.h"
#include "protocol/boot_script.h"
#include "protocol/layout.h"
#include "protocol/manifest_json.h"
#include "protocol/report_json.h"
#include "provider_key.h"
#include "server_file.h"
#include "storage_rebuild.h"
#include "user_buckets.h"

namespace herder {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kWorkdirMax = std::size_t{512} << 20;
constexpr std::size_t kUploadMax = std::size_t{64} << 30;
constexpr std::size_t kDocumentMax = std::size_t{8} << 20;
constexpr char kDefaultImage[] = "ubuntu:22.04";
constexpr char kGuardName[] = "context-max-hourly";
constexpr Usd kNoLimit = usd_cents(100'000'000'000);  // a billion dollars: only its rate binds

bool is_workdir(const http::Request& head) {
    return head.method == "PUT" && head.path().starts_with("/api/v1/workdirs/");
}

}  // namespace

Status make_data_folder(const std::string& data_dir) {
    std::error_code error;
    fs::create_directories(data_dir, error);
    if (!error) fs::permissions(data_dir, fs::perms::owner_all, error);
    if (!error) return ok();
    return unavailable("cannot make the data folder " + data_dir + ": " + error.message() +
                       "; name another one with --data-dir or HERDER_DATA_DIR");
}

struct ServerApp::Impl {
    explicit Impl(ServerOptions o)
        : options(std::move(o)),
          clock(options.time_scale_milli),
          traffic(clock,
                  [this](auto& lock, auto& changed, Duration d) { clock.wait(lock, changed, d); }) {
    }

    Status prepare();
    Status open_artifacts();
    Status open_provider();
    Status make_engine();
    std::vector<BudgetSpec> guards() const;
    void make_runners();
    void make_apis();
    Status listen();
    Result<CreateRequest> make_request(const effect::CreateMachine& create) const;
    http::ServerOptions listener(const std::string& address) const;
    void on_request(http::Request request, http::Responder responder, bool is_agent_side);
    Status set_budgets();
    Status take_hold();
    AccountSetup account_setup();
    void stop();

    ServerOptions options;
    SystemClock clock;
    SystemEntropy entropy;
    vast::Traffic traffic;
    Identity identity;
    api::ServedFile agent_file;
    api::ServedFile sdk_file;  // no hash: there is none
    std::unique_ptr<Store> store;
    http::CancelToken stopping;
    std::unique_ptr<ArtifactHome> artifacts;
    std::unique_ptr<Provider> provider;
    std::unique_ptr<vast::VastAccount> account;
    std::unique_ptr<vast::WebhookIntake> webhooks;
    std::unique_ptr<ProviderKey> key;
    std::unique_ptr<Core> core;
    std::unique_ptr<InputRecorder> recorder;
    Effects effects;
    api::LiveFeed feed;
    std::unique_ptr<LogHome> logs;
    std::unique_ptr<api::SecretStore> secrets;
    std::unique_ptr<EngineThread> engine;
    std::unique_ptr<ProviderRunner> provider_runner;
    std::unique_ptr<ArtifactRunner> artifact_runner;
    std::unique_ptr<UserBuckets> buckets;
    std::unique_ptr<api::Api> api;
    std::unique_ptr<api::AgentApi> agent_api;
    std::unique_ptr<http::Server> api_server;
    std::unique_ptr<http::Server> agent_server;
    std::string agent_url;
};

Status ServerApp::Impl::prepare() {
    Status made = make_data_folder(options.data_dir);
    if (!made) return made;
    Result<Identity> loaded =
        load_or_make_identity(options.data_dir, options.label_prefix, entropy);
    if (!loaded) return loaded.error();
    identity = std::move(*loaded);
    if (options.agent_binary.empty()) options.agent_binary = beside_this_program("herder-agent");
    if (options.sdk_archive.empty()) options.sdk_archive = beside_this_program("herder-sdk.tar.gz");
    const std::string served = options.data_dir + "/served";
    const auto agent = api::keep_served(options.agent_binary, served);
    if (!agent) return agent.error().with_context("the agent's binary (--agent-binary)");
    agent_file = *agent;
    sdk_file = api::keep_served(options.sdk_archive, served).value_or(api::ServedFile{});
    if (auto noted = note_new_server(options.data_dir); !noted) return noted;
    Result<std::unique_ptr<Store>> opened = open_sqlite_store(options.data_dir + "/herder.db");
    if (!opened) return opened.error();
    store = std::move(*opened);
    secrets = std::make_unique<api::SecretStore>(api::SecretStore::Options{
        options.data_dir, [this](std::size_t size) { return entropy.bytes(size); }});
    // Jobs without secrets run on; those with some are refused with the same words.
    if (const auto known = secrets->list(); !known)
        log_error("secrets.unreadable", {{"why", known.error().message}});
    return open_artifacts();
}

Status ServerApp::Impl::open_artifacts() {
    ArtifactHome::Options home;
    home.data_dir = options.data_dir;
    home.wish = options.storage;
    home.prefix = options.artifact_prefix;
    home.owner = identity.cluster.name + "-" + identity.pin.substr(0, 16);
    home.secret = identity.storage_secret;
    home.base_url = [this] { return agent_url; };
    home.stopping = &stopping;
    Result<std::unique_ptr<ArtifactHome>> opened = ArtifactHome::open(home, clock);
    if (!opened) return opened.error();
    artifacts = std::move(*opened);
    auto old = which_logs_go(options, clock, [this]() -> EngineThread& { return *engine; });
    if (!old) return old.error();
    logs =
        std::make_unique<LogHome>(options.data_dir, artifacts->objects(), clock, std::move(*old));
    return ok();
}

Status ServerApp::Impl::open_provider() {
    Result<std::unique_ptr<vast::VastProvider>> opened =
        vast::VastProvider::open(options.vast_url, options.vast_key, clock, traffic);
    if (!opened) return opened.error();
    provider = std::move(*opened);
    auto examined = vast::VastAccount::open(options.vast_url, options.vast_key, traffic);
    if (!examined) return examined.error();
    account = std::move(*examined);
    key = std::make_unique<ProviderKey>(*account, options.key_found);
    webhooks = std::make_unique<vast::WebhookIntake>(
        options.webhook_secret, clock,
        [this](const vast::Notification& note) { engine->post(input::ProviderHinted{note.type}); });
    return ok();
}

// The context's own limit goes with whatever budgets are in force, and stays through changes.
std::vector<BudgetSpec> ServerApp::Impl::guards() const {
    if (options.hourly_max.micros <= 0) return {};
    BudgetSpec guard;
    guard.name = kGuardName;
    guard.window = BudgetWindow::kTotal;
    guard.limit = kNoLimit;
    guard.burn_rate_max = options.hourly_max;
    return {guard};
}

Status ServerApp::Impl::set_budgets() {
    input::SetBudgets in;
    in.budgets = engine->fetch<std::vector<BudgetSpec>>(
        [](const State& state, Instant) { return state.meta.budgets; });
    if (options.budgets) in.budgets = *options.budgets;
    std::erase_if(in.budgets, [](const BudgetSpec& b) { return b.name == kGuardName; });
    for (BudgetSpec& guard : guards())
        in.budgets.push_back(std::move(guard));
    std::promise<Status> done;
    engine->ask(std::move(in), [&done](const Result<ReplyBody>& reply) {
        done.set_value(reply ? ok() : Status(reply.error()));
    });
    return done.get_future().get().with_context("setting the budgets of the file");
}

// Somebody ended all machines while no server ran: nothing is rented before that is known.
Status ServerApp::Impl::take_hold() {
    const std::string holder = read_hold_note(options.data_dir);
    if (holder.empty()) return ok();
    input::HoldRenting in;
    in.actor = holder;
    std::promise<Status> done;
    engine->ask(std::move(in), [&done](const Result<ReplyBody>& reply) {
        done.set_value(reply ? ok() : Status(reply.error()));
    });
    Status held = done.get_future().get();
    if (held) remove_hold_note(options.data_dir);
    return std::move(held).with_context("holding renting, as 'herder panic' asked for");
}

AccountSetup ServerApp::Impl::account_setup() {
    AccountSetup setup = key->setup();
    const vast::WebhookIntake::Counts counts = webhooks->counts();
    setup.takes_webhooks = !options.webhook_secret.empty();
    setup.webhooks_taken = counts.taken;
    setup.webhooks_refused = counts.refused;
    return setup;
}

Status ServerApp::Impl::make_engine() {
    core = std::make_unique<Core>(identity.cluster, options.settings);
    EngineOptions engine_options;
    if (!options.record_file.empty()) {
        Result<std::unique_ptr<InputRecorder>> opened =
            InputRecorder::create(options.record_file, {identity.cluster, options.settings});
        if (!opened) return opened.error();
        recorder = std::move(*opened);
        engine_options.recorder = recorder.get();
    }
    engine = std::make_unique<EngineThread>(*core, *store, clock, entropy, effects, engine_options,
                                            [this](const Output& output) { feed.ring(output); });
    return ok();
}

Result<CreateRequest> ServerApp::Impl::make_request(const effect::CreateMachine& create) const {
    const Result<std::string> onstart =
        protocol::make_onstart({.agent_url = agent_url + protocol::kAgentFiles + agent_file.sha256,
                                .agent_sha256 = agent_file.sha256});
    if (!onstart) return onstart.error();
    CreateRequest request;
    request.ask = create.intent.offer.ask;
    request.label = create.intent.label;
    request.bid = create.intent.bid;
    request.disk = create.intent.disk;
    request.image = create.image.empty() ? kDefaultImage : create.image;
    request.onstart = *onstart;
    request.run_type = options.run_type;
    request.env = {{"HERDER_URLS", agent_url},
                   {"HERDER_PIN", identity.pin},
                   {"HERDER_INTENT", to_text(create.intent.id)},
                   {"HERDER_JOIN_TOKEN", create.join_token}};
    if (options.time_scale_milli >= 2000) {
        request.env.emplace_back("HERDER_TIME_SCALE",
                                 std::to_string(options.time_scale_milli / 1000));
    }
    return request;
}

void ServerApp::Impl::make_runners() {
    ProviderRunner::Hooks hooks;
    hooks.post = [this](InputBody body) { engine->post(std::move(body)); };
    hooks.now = [this] {
        return engine->fetch<Instant>([](const State&, Instant now) { return now; });
    };
    hooks.may_act = [this] { return engine->is_leading(); };
    hooks.make_request = [this](const effect::CreateMachine& create) {
        return make_request(create).value_or(CreateRequest{});
    };
    provider_runner = std::make_unique<ProviderRunner>(*provider, std::move(hooks));
    ArtifactRunner::Hooks artifact_hooks;
    artifact_hooks.post = [this](InputBody body) { engine->post(std::move(body)); };
    artifact_hooks.checkpoint_key = protocol::checkpoint_key;
    artifact_hooks.outcome_key = protocol::outcome_key;
    artifact_hooks.parse_outcome = [](const std::string& text) {
        return protocol::parse_outcome(text);
    };
    artifact_hooks.manifest_text = [this](const Checkpoint& checkpoint, std::uint64_t seq) {
        return protocol::write_manifest(checkpoint, seq, identity.cluster.key);
    };
    record_jobs(artifact_hooks, *engine, identity.cluster.key);
    artifact_hooks.is_stopping = [this] { return stopping.is_cancelled(); };
    artifact_hooks.store_now = [this] { return artifacts->store_now(); };
    artifact_runner =
        std::make_unique<ArtifactRunner>(artifacts->objects(), std::move(artifact_hooks));
    effects.provider = provider_runner.get();
    effects.artifacts = artifact_runner.get();
}

void ServerApp::Impl::make_apis() {
    api::Options api_options;
    api_options.token_hash = sha256_hex(identity.api_token);
    api_options.workdir_limit = kWorkdirMax;
    api_options.version = cli::program_version();
    api_options.wall = [this] { return clock.wall(); };
    api_options.context = options.context;
    api_options.guards = guards();
    api_options.key_report = [this] { return key->report(); };
    api_options.account_setup = [this] { return account_setup(); };
    api_options.file_of = artifacts->file_of();
    api_options.mac_key = identity.cluster.key;
    api_options.denied_logs = [this] { return logs->retention.denied(); };
    api_options.adopt = [this](const std::string& name, const std::string& file,
                               std::uint32_t crc) { return artifacts->adopt(name, file, crc); };
    buckets = std::make_unique<UserBuckets>(options.data_dir, clock, stopping);
    api_options.buckets = buckets.get();
    api = std::make_unique<api::Api>(api::Parts{*engine, *store, artifacts->objects(),
                                                *provider_runner, logs->store, feed, *secrets},
                                     std::move(api_options));
    api::AgentOptions agent_options;
    agent_options.buckets = buckets.get();
    agent_options.storage_roots =
        roots_of(load_storages(options.data_dir).value_or(std::vector<StorageRecord>{}));
    agent_options.session_secret = identity.cluster.key;
    agent_options.provider_name = provider->name();
    agent_options.report_every = options.settings.report_every;
    agent_options.files = api::served_files(options.data_dir + "/served");
    agent_options.files[agent_file.sha256] = agent_file.path;
    agent_options.sdk_sha256 = sdk_file.sha256;
    if (!sdk_file.sha256.empty()) agent_options.files[sdk_file.sha256] = sdk_file.path;
    agent_api = std::make_unique<api::AgentApi>(
        api::AgentParts{*engine, artifacts->objects(), logs->store, feed, clock, *secrets},
        std::move(agent_options));
}

http::ServerOptions ServerApp::Impl::listener(const std::string& address) const {
    http::ServerOptions server;
    server.listen_address = address;
    server.body_limit = kDocumentMax;
    server.body_limit_for = [this](const http::Request& head) {
        if (is_workdir(head)) return kWorkdirMax;
        return artifacts->is_upload(head) ? kUploadMax : kDocumentMax;
    };
    server.refusal = refusal;
    // Nobody without a token fills the disk.
    server.refuse_head = [this](const http::Request& head) -> std::optional<http::Response> {
        if (!is_workdir(head)) return std::nullopt;
        const Result<api::Request> converted = to_api_request(head);
        std::optional<api::Response> refused =
            converted ? api->refuse_head(*converted) : std::nullopt;
        if (!refused) return std::nullopt;
        return to_http_response(std::move(*refused));
    };
    server.spool_folder = [this](const http::Request& head) -> std::optional<std::string> {
        if (!is_workdir(head) && !artifacts->is_upload(head)) return std::nullopt;
        return artifacts->spool_folder();
    };
    return server;
}

void ServerApp::Impl::on_request(http::Request request, http::Responder responder,
                                 bool is_agent_side) {
    if (request.path() == vast::kWebhookPath) return responder.respond(webhooks->take(request));
    Result<api::Request> converted = to_api_request(std::move(request));
    const api::ExchangePtr exchange = make_exchange(std::move(responder));
    if (!converted) return exchange->respond(api::problem(converted.error(), "/"));
    if (artifacts->answer(*converted, exchange)) return;
    if (is_agent_side) return agent_api->handle(std::move(*converted), exchange);
    api->handle(std::move(*converted), exchange);
}

Status ServerApp::Impl::listen() {
    http::ServerOptions agent_side = listener(options.agent_listen);
    agent_side.tls = identity.certificate;
    // The agent's binary and the SDK are public and verified by hash; many small images have
    // nothing that speaks TLS to fetch them with.
    agent_side.serves_plain = [](const http::Request& head) {
        return head.method == "GET" && head.path().starts_with(protocol::kAgentFiles);
    };
    auto agents = http::Server::start(std::move(agent_side),
                                      [this](http::Request request, http::Responder r) {
                                          on_request(std::move(request), std::move(r), true);
                                      });
    if (!agents) return agents.error().with_context("agents' listener " + options.agent_listen);
    agent_server = std::move(*agents);
    agent_url = options.agent_url.empty() ? agent_server->url() : options.agent_url;
    auto people = http::Server::start(listener(options.listen),
                                      [this](http::Request request, http::Responder r) {
                                          on_request(std::move(request), std::move(r), false);
                                      });
    if (!people) return people.error().with_context("API listener " + options.listen);
    api_server = std::move(*people);
    return ok();
}

void ServerApp::Impl::stop() {
    stopping.cancel();  // what came of calls of the store is found out as after a crash
    if (api_server) api_server->stop();
    if (api) api->stop();
    if (agent_api) agent_api->stop();
    if (agent_server) agent_server->stop();
    // A call on the wire is waited for: its answer is worth the time. What waits for its turn is
    // not sent any more.
    traffic.stop();
    if (provider_runner) provider_runner->stop();
    if (artifact_runner) artifact_runner->stop();
    if (logs) logs->archiver.stop();
    if (engine) engine->stop();
    remove_server_file(options.data_dir);
}

ServerApp::ServerApp(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServerApp::~ServerApp() {
    stop();
}

Result<std::unique_ptr<ServerApp>> ServerApp::start(ServerOptions options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    Impl& server = *impl;
    std::unique_ptr<ServerApp> app(new ServerApp(std::move(impl)));
    for (const auto step : {&Impl::prepare, &Impl::open_provider, &Impl::make_engine}) {
        const Status done = (server.*step)();
        if (!done) return done.error();
    }
    server.make_runners();
    server.make_apis();
    // The listeners come first: the agents' URL is part of what a rented machine is told.
    const Status listening = server.listen();
    if (!listening) return listening.error();
    const Status led = server.engine->start();
    if (!led) return led.error();
    const Status held = server.take_hold();
    if (!held) return held.error();
    const Status limited = server.set_budgets();
    if (!limited) return limited.error();
    server.logs->archiver.start();
    server.provider_runner->run("herder", [&server](Provider&) { server.key->tell(); });
    const Status written =
        write_server_file(server.options.data_dir, {.url = server.api_server->url(),
                                                    .agent_url = server.agent_url,
                                                    .market_url = server.options.vast_url,
                                                    .ends_market = server.options.ends_market});
    if (!written) return written.error();
    log_info("server.started", {{"api", server.api_server->url()}, {"agents", server.agent_url}});
    return app;
}

std::string ServerApp::url() const {
    return impl_->api_server->url();
}
std::string ServerApp::agent_url() const {
    return impl_->agent_url;
}
std::string ServerApp::token() const {
    return impl_->identity.api_token;
}
std::string ServerApp::storage() const {
    return impl_->artifacts->words();
}
bool ServerApp::is_leading() const {
    return impl_->engine->is_leading();
}
std::size_t ServerApp::open_machines() const {
    return impl_->engine->fetch<std::size_t>([](const State& state, Instant) {
        std::size_t count = 0;
        for (const IntentId id : state.open_intents) {
            if (may_exist(state.intents.at(id).phase)) ++count;
        }
        return count;
    });
}
std::string ServerApp::renting_held_by() const {
    return impl_->engine->fetch<std::string>(
        [](const State& state, Instant) { return state.meta.hold.actor; });
}
std::size_t ServerApp::cancel_labelled(const std::string& label) {
    const auto jobs = impl_->engine->fetch<std::vector<JobId>>([&](const State& state, Instant) {
        std::vector<JobId> found;
        for (const auto& [id, job] : state.jobs) {
            if (!is_terminal(job.phase) && job.spec.labels.contains(label)) found.push_back(id);
        }
        return found;
    });
    for (const JobId id : jobs) {
        input::ChangeJob cancel;
        cancel.job = id;
        cancel.verb = input::JobVerb::kCancel;
        cancel.actor = "herder run";
        std::promise<void> done;
        impl_->engine->ask(std::move(cancel),
                           [&done](const Result<ReplyBody>&) { done.set_value(); });
        done.get_future().wait();
    }
    return jobs.size();
}
void ServerApp::stop() {
    impl_->stop();
}

}  // namespace herder
