#include "vastsim/market_server.h"

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/http/http_date.h"
#include "adapters/http/server.h"
#include "base/digest.h"
#include "base/log.h"
#include "vastsim/admin.h"
#include "vastsim/api.h"
#include "vastsim/folder_command.h"
#include "vastsim/market.h"
#include "vastsim/market_clock.h"
#include "vastsim/webhook_sender.h"

namespace herder::vastsim {

namespace {

// How often the world is advanced when nothing else wakes the worker; real time.
constexpr std::chrono::milliseconds kTick{10};
constexpr int kStartFailedCode = 125;
constexpr std::streamoff kLogMost = 4 << 20;

std::string address_without_port(const std::string& peer) {
    return peer.substr(0, peer.rfind(':'));
}

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "[::1]" || address == "::1";
}

ApiRequest to_api_request(const http::Request& request) {
    ApiRequest out;
    out.method = request.method;
    out.path = std::string(request.path());
    const std::size_t mark = request.target.find('?');
    if (mark != std::string::npos) out.raw_query = request.target.substr(mark + 1);
    if (const auto query = request.query()) {
        for (const auto& [name, value] : *query)
            out.query.emplace(name, value);
    }
    out.key = request.bearer_token().value_or("");
    if (const auto legacy = out.query.find("api_key");
        out.key.empty() && legacy != out.query.end()) {
        out.key = legacy->second;
    }
    out.client_ip = address_without_port(request.peer_address);
    out.body = request.body;
    return out;
}

void send(http::Responder responder, ApiReply reply, WallTime now) {
    http::Response response =
        http::make_response(reply.status, reply.content_type, std::move(reply.body));
    response.headers.set("Date", http::to_http_date(now));
    if (!reply.location.empty()) response.headers.set("Location", reply.location);
    if (!reply.retry_after.empty()) response.headers.set("Retry-After", reply.retry_after);
    switch (reply.delivery) {
        case Delivery::kWhole:
            break;
        case Delivery::kTruncated:
            response.body.resize(response.body.size() / 2);
            break;
        case Delivery::kDropped: {
            // The status line may still reach the client; the body never does.
            response.body.clear();
            http::Stream stream = responder.stream(std::move(response));
            stream.abort();
            return;
        }
    }
    responder.respond(std::move(response));
}

// The last part of a container's log.
std::string tail_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return "";
    const std::streamoff size = file.tellg();
    file.seekg(size > kLogMost ? size - kLogMost : 0);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

struct MarketServer::Impl {
    Impl(MarketServerOptions o, std::unique_ptr<ContainerRunner> r)
        : options(std::move(o)),
          runner(std::move(r)),
          clock(options.time_scale_milli),
          market(options.scenario, options.seed, clock.now()),
          api(market, calls, options.api_key),
          admin(market, calls, *runner, [this](Duration d) { advance_by(d); }) {
        ApiState& state = api.state();
        state.read_log = [this](ContractNumber id) { return tail_of(runner->log_path(id)); };
        state.run_command = [this](ContractNumber id, const std::string& command) {
            return run_folder_command(runner->root_path(id), command);
        };
        admin.show_webhooks(&state.webhooks);
    }

    void advance_by(Duration d) {
        clock.add(d);
        market.advance(clock.now());
    }

    void handle(const http::Request& request, http::Responder responder) {
        const ApiRequest call = to_api_request(request);
        const bool is_admin = call.path == "/admin" || call.path.starts_with("/admin/");
        std::unique_lock lock(mutex);
        market.advance(clock.now());
        if (is_admin) {
            // Answered when the containers have been started and killed as the change demands.
            waiting.emplace_back(std::move(responder), answer_admin(call));
        } else {
            ApiReply reply = api.handle(call);
            if (reply.delay.us > 0) {
                const WallTime due = market.now() + reply.delay;
                late.push_back(
                    {due, market.faults().times_cleared(), std::move(responder), std::move(reply)});
            } else {
                const WallTime now = clock.now();
                lock.unlock();
                send(std::move(responder), std::move(reply), now);
            }
        }
        wake.notify_one();
    }

    ApiReply answer_admin(const ApiRequest& call) {
        ApiReply refusal;
        refusal.status = 403;
        refusal.content_type = "text/plain";
        refusal.body = "the admin interface answers on loopback only\n";
        if (!is_loopback(call.client_ip)) return refusal;
        refusal.body = "the admin interface wants its token\n";
        const bool open = options.admin_token.empty();
        if (!open && !equal_secret(call.key, options.admin_token)) return refusal;
        return admin.handle(call);
    }

    void execute(ContainerCommand& command) {
        const std::int64_t id = command.spec.id;
        switch (command.kind) {
            case CommandKind::kKill:
                return runner->kill(id);
            case CommandKind::kTerminate:
                return runner->terminate(id);
            case CommandKind::kRemove:
            case CommandKind::kRecycle:
                return runner->remove(id);
            case CommandKind::kStart:
                break;
        }
        command.spec.env.emplace_back("VAST_API_BASE", server->url());
        const Status started = runner->start(command.spec);
        if (started) return;
        log_warn("vastsim.container_failed",
                 {{"contract", std::to_string(id)}, {"reason", started.error().message}});
        const std::lock_guard lock(mutex);
        market.container_exited(id, kStartFailedCode);
    }

    // Under the lock: the deliveries that are due, the results of those before.
    void exchange_webhooks() {
        WebhookQueue& queue = api.state().webhooks;
        for (const auto& [number, status] : sender.take_results())
            queue.result(number, status, market.now());
        api.deliver_notices();
        sender.send(queue.due(market.now()));
    }

    // Under the lock: replies that were held back until now.
    void move_late_replies() {
        std::erase_if(late, [this](LateReply& one) {
            const bool is_held = one.times_cleared == market.faults().times_cleared();
            if (is_held && one.due > market.now()) return false;
            waiting.emplace_back(std::move(one.responder), std::move(one.reply));
            return true;
        });
    }

    // Containers belong to this thread: the kernel kills them if it ever ends.
    void work() {
        std::unique_lock lock(mutex);
        while (!stopping) {
            for (const ContainerExit& exit : runner->take_exits())
                market.container_exited(exit.id, exit.code);
            market.advance(clock.now());
            exchange_webhooks();
            move_late_replies();
            std::vector<ContainerCommand> commands = market.take_commands();
            auto answers = std::exchange(waiting, {});
            if (commands.empty() && answers.empty()) {
                wake.wait_for(lock, kTick);
                continue;
            }
            const WallTime now = clock.now();
            lock.unlock();
            for (ContainerCommand& command : commands)
                execute(command);
            for (auto& [responder, reply] : answers)
                send(std::move(responder), std::move(reply), now);
            lock.lock();
        }
    }

    MarketServerOptions options;
    std::unique_ptr<ContainerRunner> runner;
    std::mutex mutex;  // guards all below but `server`, which does not change
    std::condition_variable wake;
    MarketClock clock;
    Market market;
    CallLog calls;
    Api api;
    Admin admin;
    std::vector<std::pair<http::Responder, ApiReply>> waiting;
    struct LateReply {
        WallTime due;
        std::uint64_t times_cleared;  // of the faults when it was held back
        http::Responder responder;
        ApiReply reply;
    };
    std::vector<LateReply> late;
    WebhookSender sender;
    bool stopping = false;
    std::unique_ptr<http::Server> server;
    std::thread worker;
};

MarketServer::MarketServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MarketServer::~MarketServer() {
    stop();
}

Result<std::unique_ptr<MarketServer>> MarketServer::start(MarketServerOptions options,
                                                          std::unique_ptr<ContainerRunner> runner) {
    http::ServerOptions http_options;
    http_options.listen_address = options.listen_address;
    auto impl = std::make_unique<Impl>(std::move(options), std::move(runner));
    Impl* const world = impl.get();
    auto server = http::Server::start(std::move(http_options),
                                      [world](http::Request request, http::Responder responder) {
                                          world->handle(request, std::move(responder));
                                      });
    if (!server) return server.error().with_context("starting the market");
    {
        const std::lock_guard lock(world->mutex);
        world->api.state().public_url = (*server)->url();
    }
    impl->server = std::move(*server);
    impl->worker = std::thread([world] { world->work(); });
    return std::unique_ptr<MarketServer>(new MarketServer(std::move(impl)));
}

std::string MarketServer::url() const {
    return impl_->server->url();
}

void MarketServer::stop() {
    if (!impl_->worker.joinable()) return;
    impl_->server->stop();
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        impl_->wake.notify_one();
    }
    impl_->worker.join();
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [id, contract] : impl_->market.contracts())
        impl_->runner->remove(id);
}

}  // namespace herder::vastsim
