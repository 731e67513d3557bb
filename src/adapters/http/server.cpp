#include "adapters/http/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "adapters/http/server_session.h"
#include "adapters/http/tls_context.h"
#include "adapters/http/url.h"

namespace herder::http {
namespace {

constexpr Duration kAcceptPause = milliseconds(100);

std::chrono::microseconds to_chrono(Duration d) {
    return std::chrono::microseconds(d.us);
}

// Deadlines are looked at this often: a sweep over all connections costs less than a timer each.
Duration sweep_period(const ServerOptions& options) {
    const Duration shortest =
        std::min({options.header_timeout, options.body_timeout, options.idle_timeout});
    return std::clamp(shortest / 4, milliseconds(5), seconds(1));
}

// One thread with its own io_context; a connection stays on one worker, so that it needs no lock.
class Worker final : public SessionHome {
  public:
    Worker(const ServerOptions& options, const Handler& handler, asio::ssl::context* tls,
           std::atomic<std::size_t>& connection_count)
        : context_{options, handler, *this, tls},
          connection_count_(connection_count),
          period_(to_chrono(sweep_period(options))),
          sweeper_(io_) {}

    asio::io_context& io() { return io_; }

    void run() {
        plan_sweep();
        thread_ = std::thread([this] { io_.run(); });
    }
    void stop() {
        io_.stop();
        if (thread_.joinable()) thread_.join();
        // Nothing runs now; owners of answers see that the connection is gone, without callback.
        for (const auto& session : all_sessions())
            session->close(false);
    }

    void adopt(tcp::socket socket) {
        // Shared with the pending operations of the session, which may outlast its entry here.
        auto session = std::make_shared<Session>(std::move(socket), context_);
        Session& started = *session;
        sessions_.emplace(&started, std::move(session));
        started.start();
    }
    void forget(Session& session) override {
        sessions_.erase(&session);
        connection_count_.fetch_sub(1);
    }

  private:
    std::vector<std::shared_ptr<Session>> all_sessions() const {
        std::vector<std::shared_ptr<Session>> all;
        all.reserve(sessions_.size());
        for (const auto& [key, session] : sessions_)
            all.push_back(session);
        return all;
    }

    void plan_sweep() {
        sweeper_.expires_after(period_);
        sweeper_.async_wait([this](const boost::system::error_code& ec) {
            if (ec) return;
            const Session::Clock::time_point now = Session::Clock::now();
            std::vector<std::shared_ptr<Session>> overdue;
            for (const auto& [key, session] : sessions_) {
                if (session->is_overdue(now)) overdue.push_back(session);
            }
            for (const auto& session : overdue)
                session->close(true);
            plan_sweep();
        });
    }

    SessionContext context_;
    std::atomic<std::size_t>& connection_count_;
    std::chrono::microseconds period_;
    asio::io_context io_{1};
    asio::steady_timer sweeper_;
    std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
    std::thread thread_;
};

Result<tcp::endpoint> parse_listen_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    boost::system::error_code ec;
    if (colon != std::string::npos) {
        std::string host = text.substr(0, colon);
        if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
        const asio::ip::address address = asio::ip::make_address(host, ec);
        const std::string port = text.substr(colon + 1);
        const bool is_number =
            !port.empty() && port.size() <= 5 &&
            std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
        if (!ec && is_number && std::stoi(port) <= 65535) {
            return tcp::endpoint(address, static_cast<std::uint16_t>(std::stoi(port)));
        }
    }
    return invalid("'" + text + "' is no address to listen on; write one like 127.0.0.1:8470");
}

}  // namespace

struct Server::Impl {
    ServerOptions options;
    Handler handler;
    std::optional<asio::ssl::context> tls;
    std::atomic<std::size_t> connection_count{0};
    std::mutex mutex;  // guards `workers` against stop()
    std::vector<std::unique_ptr<Worker>> workers;
    std::optional<tcp::acceptor> acceptor;
    std::optional<asio::steady_timer> accept_pause;
    std::vector<Worker*> rotation;  // of the accepting thread, as is the next
    std::size_t next_worker = 0;
    tcp::endpoint local;

    Status listen() {
        const Result<tcp::endpoint> endpoint = parse_listen_address(options.listen_address);
        if (!endpoint) return endpoint.error();
        asio::io_context& io = workers.front()->io();
        boost::system::error_code ec;
        acceptor.emplace(io);
        accept_pause.emplace(io);
        acceptor->open(endpoint->protocol(), ec);
        if (!ec) acceptor->set_option(tcp::acceptor::reuse_address(true), ec);
        if (!ec) acceptor->bind(*endpoint, ec);
        if (!ec) acceptor->listen(4096, ec);
        if (!ec) local = acceptor->local_endpoint(ec);
        if (ec) {
            return unavailable("listening on " + options.listen_address + ": " + ec.message());
        }
        return ok();
    }

    void accept() {
        Worker& worker = *rotation[next_worker++ % rotation.size()];
        acceptor->async_accept(
            worker.io(), [this, &worker](const boost::system::error_code& ec, tcp::socket socket) {
                if (ec == asio::error::operation_aborted) return;
                if (ec) {  // out of descriptors, as a rule: try again when some are free
                    pause_accepting();
                    return;
                }
                admit(worker, std::move(socket));
                accept();
            });
    }

    void admit(Worker& worker, tcp::socket socket) {
        if (connection_count.load() >= options.connections_max) return;  // closes it
        connection_count.fetch_add(1);
        asio::post(worker.io(), [&worker, socket = std::move(socket)]() mutable {
            worker.adopt(std::move(socket));
        });
    }

    void pause_accepting() {
        accept_pause->expires_after(to_chrono(kAcceptPause));
        accept_pause->async_wait([this](const boost::system::error_code& ec) {
            if (!ec) accept();
        });
    }

    void stop() {
        std::vector<std::unique_ptr<Worker>> stopped;
        {
            const std::lock_guard lock(mutex);
            stopped = std::move(workers);
            workers.clear();
        }
        for (const auto& worker : stopped)
            worker->stop();
        accept_pause.reset();
        acceptor.reset();
        // The first one accepts and may hold sockets of the others, so it goes first.
        for (auto& worker : stopped)
            worker.reset();
        connection_count = 0;
    }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
    stop();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    impl->handler = std::move(handler);
    if (impl->options.tls) {
        Result<TlsContext> context = make_server_context(*impl->options.tls);
        if (!context) return context.error();
        impl->tls.emplace(context->release());  // takes ownership
    }
    const int threads = std::clamp(impl->options.threads, 1, 64);
    for (int i = 0; i < threads; ++i) {
        impl->workers.push_back(std::make_unique<Worker>(impl->options, impl->handler,
                                                         impl->tls ? &*impl->tls : nullptr,
                                                         impl->connection_count));
    }
    if (Status listening = impl->listen(); !listening) {
        impl->stop();
        return listening.error();
    }
    for (const auto& worker : impl->workers)
        impl->rotation.push_back(worker.get());
    impl->accept();
    std::unique_ptr<Server> server(new Server(std::move(impl)));
    for (const auto& worker : server->impl_->workers)
        worker->run();
    return server;
}

std::uint16_t Server::port() const {
    return impl_->local.port();
}

std::string Server::url() const {
    Url url;
    url.scheme = impl_->options.tls ? "https" : "http";
    url.host = impl_->local.address().to_string();
    url.port = impl_->local.port();
    return url.origin();
}

std::size_t Server::connection_count() const {
    return impl_->connection_count.load();
}

void Server::stop() {
    impl_->stop();
}

void Server::post(std::function<void()> fn) {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->workers.empty()) asio::post(impl_->workers.front()->io(), std::move(fn));
}

void Server::after(Duration delay, std::function<void()> fn) {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->workers.empty()) return;
    auto timer = std::make_unique<asio::steady_timer>(impl_->workers.front()->io());
    timer->expires_after(to_chrono(delay));
    asio::steady_timer& started = *timer;
    started.async_wait(
        [timer = std::move(timer), fn = std::move(fn)](const boost::system::error_code& ec) {
            if (!ec) fn();
        });
}

}  // namespace herder::http
