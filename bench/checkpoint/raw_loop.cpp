#include "raw_loop.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>

#include "base/digest.h"

namespace herder::bench {

namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kBuffer = 1 << 20;

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "raw loop: %s failed\n", what);
    std::exit(1);
}

class Connection {
  public:
    explicit Connection(const RawPlace& place) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(place.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        must(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
             "connect");
        if (!place.is_tls) return;
        context_ = SSL_CTX_new(TLS_client_method());
        tls_ = SSL_new(context_);
        SSL_set_fd(tls_, socket_);
        must(SSL_connect(tls_) == 1, "TLS handshake");
    }
    ~Connection() {
        SSL_free(tls_);
        SSL_CTX_free(context_);
        ::close(socket_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t size = std::min(bytes.size(), kPiece);
            const ssize_t count = tls_ != nullptr
                                      ? SSL_write(tls_, bytes.data(), static_cast<int>(size))
                                      : ::send(socket_, bytes.data(), size, MSG_NOSIGNAL);
            must(count > 0, "write");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    std::size_t read(char* out, std::size_t size) {
        const ssize_t count = tls_ != nullptr ? SSL_read(tls_, out, static_cast<int>(size))
                                              : ::recv(socket_, out, size, 0);
        must(count > 0, "read");
        return static_cast<std::size_t>(count);
    }
    // Reads a head and returns what came behind it.
    std::string read_head() {
        std::string text;
        char piece[8 * 1024];
        while (text.find("\r\n\r\n") == std::string::npos)
            text.append(piece, read(piece, sizeof piece));
        must(text.starts_with("HTTP/1.1 20"), text.substr(0, 40).c_str());
        return text.substr(text.find("\r\n\r\n") + 4);
    }

  private:
    int socket_;
    SSL_CTX* context_ = nullptr;
    SSL* tls_ = nullptr;
};

using PartWork = std::function<void(Connection&, const RawPart&)>;

double timed(const RawPlace& place, const std::vector<RawPart>& parts, const PartWork& work) {
    const auto began = std::chrono::steady_clock::now();
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < place.connections; ++i) {
        threads.emplace_back([&] {
            Connection connection(place);
            for (std::size_t at = next++; at < parts.size(); at = next++)
                work(connection, parts[at]);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::string host_of(const RawPlace& place) {
    return "\r\nHost: 127.0.0.1:" + std::to_string(place.port);
}

}  // namespace

double raw_upload(const RawPlace& place, const std::string& file,
                  const std::vector<RawPart>& parts) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    must(descriptor >= 0, "open");
    const std::size_t size = parts.back().offset + parts.back().size;
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    must(mapped != MAP_FAILED, "mmap");
    const std::string_view bytes(static_cast<const char*>(mapped), size);
    const double took = timed(place, parts, [&](Connection& connection, const RawPart& part) {
        connection.write("PUT " + part.target + " HTTP/1.1" + host_of(place) +
                         "\r\nContent-Length: " + std::to_string(part.size) + "\r\n\r\n");
        connection.write(bytes.substr(part.offset, part.size));
        connection.read_head();
    });
    ::munmap(mapped, size);
    ::close(descriptor);
    return took;
}

double raw_download(const RawPlace& place, const std::string& file, bool direct,
                    const std::vector<RawPart>& parts) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | (direct ? O_DIRECT : 0);
    const int descriptor = ::open(file.c_str(), flags, 0600);
    must(descriptor >= 0, "open");
    const auto total = static_cast<off_t>(parts.back().offset + parts.back().size);
    must(::posix_fallocate(descriptor, 0, total) == 0, "fallocate");
    const double took = timed(place, parts, [&](Connection& connection, const RawPart& part) {
        thread_local const std::unique_ptr<char, decltype(&std::free)> buffer(
            static_cast<char*>(std::aligned_alloc(4096, kBuffer)), &std::free);
        connection.write("GET " + part.target + " HTTP/1.1" + host_of(place) +
                         "\r\nRange: bytes=" + std::to_string(part.offset) + "-" +
                         std::to_string(part.offset + part.size - 1) + "\r\n\r\n");
        const std::string rest = connection.read_head();
        std::size_t filled = rest.copy(buffer.get(), rest.size());
        std::uint32_t crc = 0;
        for (std::uint64_t done = 0; done < part.size;) {
            const std::size_t wanted = std::min<std::uint64_t>(kBuffer, part.size - done);
            while (filled < wanted)
                filled += connection.read(buffer.get() + filled, wanted - filled);
            crc = crc32c({buffer.get(), filled}, crc);
            must(::pwrite(descriptor, buffer.get(), filled,
                          static_cast<off_t>(part.offset + done)) == static_cast<ssize_t>(filled),
                 "pwrite");
            done += filled;
            filled = 0;
        }
        must(crc != 1, "checksum");  // looked at, so that it is not optimised away
    });
    ::close(descriptor);
    return took;
}

}  // namespace herder::bench
