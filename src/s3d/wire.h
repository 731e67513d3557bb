#pragma once
// One accepted connection, plain or TLS: blocking reads and writes at the speed that the test
// wants, and a trap that breaks or stalls it at a byte.
#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/certificate.h"
#include "base/result.h"
#include "s3d/body_source.h"
#include "s3d/clock.h"

namespace herder::s3d {

struct Shape {
    std::uint64_t bytes_per_second = 0;  // each direction; 0: as fast as it goes
    Duration latency;                    // before each answer
};

// The certificate as OpenSSL wants it.
class TlsIdentity {
  public:
    static Result<std::unique_ptr<TlsIdentity>> make(const http::Certificate& certificate);
    ~TlsIdentity();
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;
    SSL_CTX* context() const { return context_; }

  private:
    explicit TlsIdentity(SSL_CTX* context) : context_(context) {}
    SSL_CTX* context_;
};

class Wire : public Input {
  public:
    // Takes the socket over. `stop` becomes readable when the server ends.
    Wire(int socket, int stop, const Shape& shape, const ServerClock& clock);
    ~Wire() override;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    Status start_tls(const TlsIdentity& identity);
    Result<std::size_t> read_some(char* out, std::size_t size) override;
    Result<std::size_t> skip_some(std::size_t size) override;
    Result<std::string> read_line() override;
    // Everything up to the empty line. kNotFound: the peer closed between two requests.
    Result<std::string> read_head();
    Status write_all(std::string_view bytes);

    void wait_latency();
    // From now on counts the bytes of the body that comes in; at `at` the connection breaks: that
    // read is an error, and the end is a reset, or a stall until the peer gives up.
    void arm(std::uint64_t at, bool stalls);
    void disarm() { trap_.reset(); }
    // The same at once, for bodies that go out. Always an error.
    Status break_now();
    bool is_broken() const { return is_broken_; }
    // Where it broke by a stall, returns when the peer has closed or the server ends. What the peer
    // has sent is not read, so a peer with more to send is seen to close only when it resets.
    void hold() const;
    // The peer sees a reset, not an orderly end.
    void reset();
    // From another thread: makes blocked calls return.
    void interrupt();

  private:
    Result<std::size_t> receive(char* out, std::size_t size);
    Status fill();
    Status spring(std::size_t passed);
    void pace(std::size_t bytes);
    // False when the server ends first.
    bool wait_until(Instant time) const;
    std::size_t piece(std::size_t size) const;

    const int socket_;
    const int stop_;
    const Shape shape_;
    const ServerClock& clock_;
    SSL* tls_ = nullptr;
    std::string buffer_;
    std::size_t at_ = 0;
    Instant free_from_;  // when the shaped link is free again
    std::optional<std::uint64_t> trap_;
    bool trap_stalls_ = false;
    bool is_broken_ = false;
};

}  // namespace herder::s3d
