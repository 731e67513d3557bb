#include "adapters/http/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

#include "adapters/http/message.h"
#include "adapters/http/tls_context.h"
#include "base/digest.h"

namespace herder::http {
namespace {

Error system_failure(const char* doing, int code) {
    return unavailable(std::string(doing) + ": " + std::generic_category().message(code));
}

bool would_block(int code) {
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

}  // namespace

// OpenSSL's own socket BIO uses write(), which raises SIGPIPE on a dead connection; this one uses
// MSG_NOSIGNAL, and notes that bytes went out.
struct Wire::Bio {
    static int write(BIO* bio, const char* data, int size) {
        Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const ssize_t count =
            ::send(wire.descriptor_, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (count > 0) wire.sent_ = true;
        if (count < 0 && would_block(errno)) BIO_set_retry_write(bio);
        return static_cast<int>(count);
    }
    static int read(BIO* bio, char* out, int size) {
        const Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const ssize_t count = ::recv(wire.descriptor_, out, static_cast<std::size_t>(size), 0);
        if (count < 0 && would_block(errno)) BIO_set_retry_read(bio);
        if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
        return static_cast<int>(count);
    }
    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }
    static const BIO_METHOD* method() {
        struct Free {
            void operator()(BIO_METHOD* m) const { BIO_meth_free(m); }
        };
        static const std::unique_ptr<BIO_METHOD, Free> kMethod = [] {
            std::unique_ptr<BIO_METHOD, Free> made(
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "herder wire"));
            BIO_meth_set_write(made.get(), &Bio::write);
            BIO_meth_set_read(made.get(), &Bio::read);
            BIO_meth_set_ctrl(made.get(), &Bio::control);
            return made;
        }();
        return kMethod.get();
    }
};

Result<std::unique_ptr<Wire>> Wire::connect(const Address& address, const Wait& wait) {
    const int descriptor =
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return system_failure("opening a socket", errno);
    std::unique_ptr<Wire> wire(new Wire(descriptor));
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int begun =
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
    if (begun == 0) return wire;
    if (errno != EINPROGRESS) return system_failure("connecting", errno);
    if (Status waited = wait_for(descriptor, POLLOUT, wait); !waited) {
        return waited.error().with_context("connecting");
    }
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return system_failure("connecting", failure);
    return wire;
}

Wire::~Wire() {
    if (tls_ != nullptr) {
        SSL_shutdown(tls_);  // one try at close_notify
        SSL_free(tls_);
        ERR_clear_error();
    }
    ::close(descriptor_);
}

Status Wire::wait_for_tls(int result, const char* doing, const Wait& wait) {
    const int reason = SSL_get_error(tls_, result);
    if (reason == SSL_ERROR_WANT_READ) return wait_for(descriptor_, POLLIN, wait);
    if (reason == SSL_ERROR_WANT_WRITE) return wait_for(descriptor_, POLLOUT, wait);
    if (reason == SSL_ERROR_SYSCALL && errno != 0) {
        ERR_clear_error();
        return system_failure(doing, errno);
    }
    return unavailable(std::string(doing) + ": " + take_tls_error());
}

Status Wire::start_tls(SSL_CTX* context, const std::string& host, const std::string& pin,
                       const Wait& wait) {
    BIO* bio = BIO_new(Bio::method());
    tls_ = SSL_new(context);
    if (bio == nullptr || tls_ == nullptr) return internal("starting TLS: " + take_tls_error());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_, bio, bio);
    SSL_set_connect_state(tls_);
    const bool is_literal = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_), host.c_str()) == 1;
    if (!is_literal) {
        SSL_set1_host(tls_, host.c_str());
        SSL_ctrl(tls_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));  // OpenSSL copies it
    }
    while (true) {
        ERR_clear_error();
        errno = 0;
        const int done = SSL_do_handshake(tls_);
        if (done == 1) break;
        if (const long verdict = SSL_get_verify_result(tls_); pin.empty() && verdict != X509_V_OK) {
            ERR_clear_error();
            return Error{ErrorCode::kUnauthenticated, std::string("TLS: certificate refused: ") +
                                                          X509_verify_cert_error_string(verdict)};
        }
        if (Status waited = wait_for_tls(done, "TLS handshake", wait); !waited) return waited;
    }
    if (pin.empty()) return ok();
    X509* peer = SSL_get0_peer_certificate(tls_);
    const std::string seen = peer != nullptr ? spki_pin_of(peer) : std::string();
    if (seen.empty() || !equal_ignoring_case(seen, pin)) {
        return Error{ErrorCode::kUnauthenticated,
                     "TLS: the server's key has pin " + (seen.empty() ? "(none)" : seen) +
                         ", not the pinned one; another server answers at this address, or its "
                         "certificate was replaced"};
    }
    return ok();
}

Result<std::size_t> Wire::read_some(char* out, std::size_t size, const Wait& wait) {
    while (true) {
        errno = 0;
        if (tls_ != nullptr) {
            ERR_clear_error();
            const int limit = static_cast<int>(std::min<std::size_t>(size, 1 << 20));
            const int count = SSL_read(tls_, out, limit);
            if (count > 0) return static_cast<std::size_t>(count);
            if (SSL_get_error(tls_, count) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
            if (Status waited = wait_for_tls(count, "reading", wait); !waited) {
                return waited.error();
            }
            continue;
        }
        const ssize_t count = ::recv(descriptor_, out, size, 0);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (!would_block(errno)) return system_failure("reading", errno);
        if (Status waited = wait_for(descriptor_, POLLIN, wait); !waited) return waited.error();
    }
}

void Wire::limit_unsent(std::size_t bytes) const {
    const auto limit = static_cast<unsigned>(bytes);  // 0: the system's own
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, sizeof limit);
}

Status Wire::write_all(std::string_view bytes, const Wait& wait, Duration silence_max) {
    if (tls_ != nullptr) return write_tls(bytes, wait, silence_max);
    while (!bytes.empty()) {
        const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count > 0) {
            sent_ = true;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EFAULT) {
            return Error{ErrorCode::kCorrupt, "reading what is to be sent: it is not there"};
        } else if (!would_block(errno)) {
            return system_failure("writing", errno);
        } else if (Status waited = wait_for(descriptor_, POLLOUT, wait.capped(silence_max));
                   !waited) {
            return waited;
        }
    }
    return ok();
}

Status Wire::write_tls(std::string_view bytes, const Wait& wait, Duration silence_max) {
    while (!bytes.empty()) {
        errno = 0;
        ERR_clear_error();
        const int limit = static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20));
        const int count = SSL_write(tls_, bytes.data(), limit);
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (Status waited = wait_for_tls(count, "writing", wait.capped(silence_max));
                   !waited) {
            return waited;
        }
    }
    return ok();
}

bool Wire::has_input() {
    if (tls_ == nullptr) return is_ready(descriptor_, POLLIN);
    char byte = 0;
    ERR_clear_error();
    const int count = SSL_peek(tls_, &byte, 1);
    if (count > 0) return true;
    const int reason = SSL_get_error(tls_, count);
    ERR_clear_error();
    return reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
}

bool Wire::is_quiet() {
    return !has_input();
}

}  // namespace herder::http
