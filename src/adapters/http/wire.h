#pragma once
// One client connection, plain or TLS, with blocking reads and writes that end at a deadline or on
// cancellation. Private to this folder; it knows bytes, not HTTP.
#include <openssl/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/http/cancel.h"
#include "adapters/http/resolver.h"
#include "adapters/http/wait.h"
#include "base/result.h"

namespace herder::http {

class Wire {
  public:
    // Connects to `address`; kUnavailable when refused.
    static Result<std::unique_ptr<Wire>> connect(const Address& address, const Wait& wait);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // `pin` as in TlsTrust; without one the chain and `host` are verified.
    Status start_tls(SSL_CTX* context, const std::string& host, const std::string& pin,
                     const Wait& wait);

    // At least one byte; 0 is the end of the stream.
    Result<std::size_t> read_some(char* out, std::size_t size, const Wait& wait);
    // `silence_max`: as long as nothing at all could be handed to the socket. kCorrupt: `bytes` are
    // of a file that was cut short (file_window.h).
    Status write_all(std::string_view bytes, const Wait& wait, Duration silence_max = kForever);
    // How much the socket takes in beyond what is on its way, so that a slow connection is seen to
    // go on; costs up to a third more CPU with TLS. 0: as much as the system likes.
    void limit_unsent(std::size_t bytes) const;
    bool is_encrypted() const { return tls_ != nullptr; }

    // Whether anything was handed to the socket since the last begin_request().
    bool has_sent() const { return sent_; }
    void begin_request() { sent_ = false; }
    // False when the peer has closed, or sent what nobody asked for. Does not wait.
    bool is_quiet();
    // Application bytes, or the end of the stream, can be read now. Does not wait.
    bool has_input();

  private:
    struct Bio;  // connects OpenSSL with send() and recv()
    explicit Wire(int descriptor) : descriptor_(descriptor) {}
    Status write_tls(std::string_view bytes, const Wait& wait, Duration silence_max);
    // Waits as SSL_get_error says; an error when the failure is final.
    Status wait_for_tls(int result, const char* doing, const Wait& wait);

    int descriptor_;
    SSL* tls_ = nullptr;
    bool sent_ = false;
};

}  // namespace herder::http
