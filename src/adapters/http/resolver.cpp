#include "adapters/http/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

#include <cstring>

namespace herder::http {
namespace {

constexpr std::size_t kQueueMax = 256;

Address make_ipv4(in_addr host, std::uint16_t port) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr = host;
    in.sin_port = htons(port);
    Address address;
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
    return address;
}

Address make_ipv6(in6_addr host, std::uint16_t port) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_addr = host;
    in.sin6_port = htons(port);
    Address address;
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
    return address;
}

std::vector<Address> from_literal(const std::string& host, std::uint16_t port) {
    in_addr four{};
    in6_addr six{};
    if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return {make_ipv4(four, port)};
    if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return {make_ipv6(six, port)};
    if (host != "localhost") return {};
    four.s_addr = htonl(INADDR_LOOPBACK);
    return {make_ipv4(four, port), make_ipv6(in6addr_loopback, port)};
}

Result<std::vector<Address>> ask_system(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failure != 0) {
        return unavailable("looking up " + host + ": " + ::gai_strerror(failure));
    }
    std::vector<Address> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
        Address& address = addresses.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.size = entry->ai_addrlen;
    }
    ::freeaddrinfo(found);
    if (addresses.empty()) return unavailable("looking up " + host + ": no address");
    return addresses;
}

}  // namespace

struct Resolver::Lookup {
    std::string host;
    std::uint16_t port = 0;
    CancelToken done;  // used as an event: readable once `result` stands
    Result<std::vector<Address>> result = unavailable("lookup not finished");
};

Resolver::~Resolver() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<std::vector<Address>> Resolver::resolve(const std::string& host, std::uint16_t port,
                                               const Wait& wait) {
    if (std::vector<Address> known = from_literal(host, port); !known.empty()) return known;
    // Shared with the thread, see queue_.
    const auto lookup = std::make_shared<Lookup>();
    lookup->host = host;
    lookup->port = port;
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= kQueueMax) return unavailable("too many name lookups are waiting");
        queue_.push_back(lookup);
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    changed_.notify_one();
    if (Status waited = wait_for(lookup->done.descriptor(), POLLIN, wait); !waited) {
        return waited.error().with_context("looking up " + host);
    }
    return lookup->result;
}

void Resolver::run() {
    while (true) {
        std::shared_ptr<Lookup> lookup;  // shared with the caller, see queue_
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            lookup = std::move(queue_.front());
            queue_.pop_front();
        }
        lookup->result = ask_system(lookup->host, lookup->port);
        lookup->done.cancel();
    }
}

}  // namespace herder::http
