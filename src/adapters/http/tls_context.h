#pragma once
// OpenSSL contexts for the client and the server, made from our options. Private to this folder.
#include <openssl/types.h>

#include <memory>
#include <string>

#include "adapters/http/certificate.h"
#include "adapters/http/client.h"
#include "base/result.h"

namespace herder::http {

struct TlsContextFree {
    void operator()(SSL_CTX* context) const;
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextFree>;

// TLS 1.2 or newer. With a pin the chain is not verified; check_pin must follow the handshake.
Result<TlsContext> make_client_context(const TlsTrust& trust);
Result<TlsContext> make_server_context(const Certificate& certificate);

// Hex SHA-256 of the public key; empty when it cannot be encoded.
std::string spki_pin_of(X509* certificate);
// The last OpenSSL error of this thread as text, and clears the queue.
std::string take_tls_error();

}  // namespace herder::http
