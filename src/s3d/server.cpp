#include "s3d/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <thread>

#include "s3d/connection.h"

namespace herder::s3d {

namespace {

constexpr std::size_t kRecordsMax = 1'000'000;

Result<int> listen_on(std::uint16_t port, std::uint16_t& bound) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(socket, generic, size) != 0 || ::listen(socket, 1024) != 0 ||
        ::getsockname(socket, generic, &size) != 0) {
        ::close(socket);
        return unavailable("listening on 127.0.0.1:" + std::to_string(port) +
                           ": the port is in use; name another one, or 0 for any");
    }
    bound = ntohs(address.sin_port);
    return socket;
}

}  // namespace

struct Server::Impl {
    // One connection and its thread.
    struct Guest {
        std::unique_ptr<Wire> wire;
        std::thread thread;
        bool is_done = false;  // guarded by `mutex`
    };

    explicit Impl(ServerOptions o)
        : options(std::move(o)),
          vault(options.keeping, options.folder, options.quirks),
          api(vault, clock,
              {options.page_size, options.region, options.keeping != Keeping::kDiscard}),
          shop{options, clock, api, faults, [this](Record record) { note(std::move(record)); }} {}

    void note(Record record) {
        std::function<void(const Record&)> call;
        {
            const std::lock_guard lock(mutex);
            if (records.size() < kRecordsMax) records.push_back(record);
            call = on_record;
        }
        if (call) call(record);
    }

    void accept_all() {
        std::array<pollfd, 2> both{pollfd{listener, POLLIN, 0}, pollfd{stop_event, POLLIN, 0}};
        while (::poll(both.data(), both.size(), -1) >= 0 && (both[1].revents & POLLIN) == 0) {
            const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) continue;
            const int yes = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            welcome(socket);
        }
    }

    void welcome(int socket) {
        const std::lock_guard lock(mutex);
        for (auto i = guests.begin(); i != guests.end();) {
            if (i->is_done) i->thread.join();
            i = i->is_done ? guests.erase(i) : std::next(i);
        }
        Guest& guest = guests.emplace_back();
        guest.wire = std::make_unique<Wire>(socket, stop_event, options.shape, clock);
        guest.thread = std::thread([this, &guest] {
            if (!tls || guest.wire->start_tls(*tls)) Connection(*guest.wire, shop).serve();
            const std::lock_guard done(mutex);
            guest.wire.reset();
            guest.is_done = true;
        });
    }

    void stop() {
        if (listener < 0) return;
        const std::uint64_t one = 1;
        (void)!::write(stop_event, &one, sizeof one);
        acceptor.join();
        {
            const std::lock_guard lock(mutex);
            for (Guest& guest : guests) {
                if (guest.wire) guest.wire->interrupt();
            }
        }
        for (Guest& guest : guests)
            guest.thread.join();
        guests.clear();
        ::close(listener);
        ::close(stop_event);
        listener = -1;
    }

    const ServerOptions options;
    ServerClock clock;
    Vault vault;
    Api api;
    FaultScript faults;
    Shop shop;
    std::unique_ptr<TlsIdentity> tls;
    int listener = -1;
    int stop_event = -1;
    std::uint16_t port = 0;
    mutable std::mutex mutex;  // guards all below
    std::list<Guest> guests;
    std::vector<Record> records;
    std::function<void(const Record&)> on_record;
    std::thread acceptor;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
    stop();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto loaded = impl->vault.load(); !loaded) return loaded.error();
    for (const std::string& bucket : impl->options.buckets)
        impl->vault.create_bucket(bucket);
    impl->clock.set_skew(impl->options.skew);
    impl->faults.set(impl->options.faults);
    if (impl->options.tls) {
        auto tls = TlsIdentity::make(*impl->options.tls);
        if (!tls) return tls.error();
        impl->tls = std::move(*tls);
    }
    const auto listener = listen_on(impl->options.port, impl->port);
    if (!listener) return listener.error();
    impl->listener = *listener;
    impl->stop_event = ::eventfd(0, EFD_CLOEXEC);
    impl->acceptor = std::thread([&server = *impl] { server.accept_all(); });
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::string Server::url() const {
    return std::string(impl_->tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(port());
}
std::uint16_t Server::port() const {
    return impl_->port;
}
void Server::set_faults(std::vector<FaultRule> rules) {
    impl_->faults.set(std::move(rules));
}
void Server::set_skew(Duration skew) {
    impl_->clock.set_skew(skew);
}
Vault& Server::vault() {
    return impl_->vault;
}
std::vector<Record> Server::records() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->records;
}
void Server::on_record(std::function<void(const Record&)> fn) {
    const std::lock_guard lock(impl_->mutex);
    impl_->on_record = std::move(fn);
}
void Server::stop() {
    impl_->stop();
}

}  // namespace herder::s3d
