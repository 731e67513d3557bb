#pragma once
// A bare loopback socket for tests that must send what a proper client never would, or play a
// server that misbehaves. Blocking, with a receive limit of ten seconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace herder::http {

class RawSocket {
  public:
    explicit RawSocket(int descriptor = -1) : descriptor_(descriptor) {
        timeval limit{10, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~RawSocket() { close(); }
    RawSocket(RawSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    RawSocket& operator=(RawSocket&&) = delete;

    static RawSocket connect_to(std::uint16_t port) {
        const sockaddr_in address = loopback(port);
        RawSocket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ::connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        return made;
    }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    void send(std::string_view bytes) const {
        (void)::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    // What has arrived up to and including `end`, or up to the end of the stream.
    std::string read_until(std::string_view end) {
        while (true) {
            if (const std::size_t at = seen_.find(end); !end.empty() && at != std::string::npos) {
                std::string out = seen_.substr(0, at + end.size());
                seen_.erase(0, at + end.size());
                return out;
            }
            char piece[4096];
            const ssize_t count = ::recv(descriptor_, piece, sizeof piece, 0);
            if (count <= 0) return std::exchange(seen_, {});
            seen_.append(piece, static_cast<std::size_t>(count));
        }
    }
    std::string read_all() { return read_until({}); }

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

  private:
    int descriptor_;
    std::string seen_;
};

class RawListener {
  public:
    RawListener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address = RawSocket::loopback(0);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        ::bind(descriptor_, generic, size);
        ::listen(descriptor_, 16);
        ::getsockname(descriptor_, generic, &size);
        port_ = ntohs(address.sin_port);
    }
    ~RawListener() { ::close(descriptor_); }
    RawListener(const RawListener&) = delete;
    RawListener& operator=(const RawListener&) = delete;

    RawSocket accept() const { return RawSocket(::accept(descriptor_, nullptr, nullptr)); }
    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  private:
    int descriptor_;
    std::uint16_t port_ = 0;
};

}  // namespace herder::http
