#include "adapters/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdlib>

namespace herder::http {
namespace {

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioFree>;
struct X509Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, X509Free>;

BioPtr text_bio(const std::string& text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Where distributions keep their roots: Debian, Fedora, openSUSE, RHEL, Alpine (the list that Go's
// crypto/x509 uses, root_linux.go, 2024-02). Looked for at run time since a static program cannot
// know what OpenSSL was configured with.
Result<std::string> find_roots() {
    if (const char* named = std::getenv("SSL_CERT_FILE"); named != nullptr && *named != '\0') {
        return std::string(named);
    }
    for (const char* path :
         {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
          "/etc/ssl/cert.pem"}) {
        if (::access(path, R_OK) == 0) return std::string(path);
    }
    return unavailable(
        "looking for root certificates: no CA bundle in the usual places; install "
        "ca-certificates or set SSL_CERT_FILE");
}

Status add_roots(SSL_CTX* context, const std::string& pem) {
    const BioPtr text = text_bio(pem);
    int added = 0;
    while (const X509Ptr root{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)}) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get());
        ++added;
    }
    ERR_clear_error();  // the end of the text counts as an error there
    if (added == 0) return invalid("reading root certificates: the text holds none");
    return ok();
}

TlsContext make_context(const SSL_METHOD* method) {
    TlsContext context(SSL_CTX_new(method));
    if (context) {
        SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
        SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                            SSL_MODE_RELEASE_BUFFERS);
        // A peer that closes without close_notify is an end of file to us; bodies are framed by
        // their length or by chunks, so a cut is still noticed.
        SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
    }
    return context;
}

}  // namespace

void TlsContextFree::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

std::string take_tls_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "error " + std::to_string(code);
}

Result<TlsContext> make_client_context(const TlsTrust& trust) {
    TlsContext context = make_context(TLS_client_method());
    if (!context) return internal("making a TLS context: " + take_tls_error());
    // AES-128 first: as safe, and a fifth cheaper to send a checkpoint with than AES-256, which
    // OpenSSL would propose first.
    SSL_CTX_set_ciphersuites(context.get(),
                             "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                             "TLS_CHACHA20_POLY1305_SHA256");
    // Several records with one call; the buffer is given back while nothing comes.
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_default_read_buffer_len(context.get(), 128 * 1024);
    if (!trust.pinned_spki_sha256.empty()) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
        return context;
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (!trust.roots_pem.empty()) {
        if (Status added = add_roots(context.get(), trust.roots_pem); !added) return added.error();
        return context;
    }
    if (!trust.extra_roots_pem.empty()) {
        if (Status added = add_roots(context.get(), trust.extra_roots_pem); !added)
            return added.error();
    }
    const Result<std::string> roots = find_roots();
    if (!roots && !trust.extra_roots_pem.empty()) return context;
    if (!roots) return roots.error();
    if (SSL_CTX_load_verify_file(context.get(), roots->c_str()) != 1) {
        return unavailable("reading root certificates from " + *roots + ": " + take_tls_error());
    }
    return context;
}

Result<TlsContext> make_server_context(const Certificate& certificate) {
    TlsContext context = make_context(TLS_server_method());
    if (!context) return internal("making a TLS context: " + take_tls_error());
    const BioPtr chain = text_bio(certificate.certificate_pem);
    const X509Ptr own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    if (!own || SSL_CTX_use_certificate(context.get(), own.get()) != 1) {
        return invalid("reading the server certificate: " + take_tls_error());
    }
    while (X509* issuer = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
        SSL_CTX_add0_chain_cert(context.get(), issuer);
    }
    ERR_clear_error();
    const BioPtr key_text = text_bio(certificate.key_pem);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr);
    const bool fits = key != nullptr && SSL_CTX_use_PrivateKey(context.get(), key) == 1 &&
                      SSL_CTX_check_private_key(context.get()) == 1;
    EVP_PKEY_free(key);
    if (!fits) return invalid("reading the server's private key: " + take_tls_error());
    // Tickets would only help clients that reconnect often; ours keep connections.
    SSL_CTX_set_num_tickets(context.get(), 0);
    return context;
}

}  // namespace herder::http
