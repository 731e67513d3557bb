#include "s3d/wire.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace herder::s3d {

namespace {

constexpr std::size_t kHeadMax = 64 * 1024;
constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kShapedPiece = 16 * 1024;

Error gone() {
    return unavailable("the connection is gone");
}

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioFree>;

}  // namespace

Result<std::unique_ptr<TlsIdentity>> TlsIdentity::make(const http::Certificate& certificate) {
    std::unique_ptr<TlsIdentity> identity(new TlsIdentity(SSL_CTX_new(TLS_server_method())));
    const auto bio_of = [](const std::string& text) {
        return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    };
    const BioPtr chain = bio_of(certificate.certificate_pem);
    const BioPtr key_text = bio_of(certificate.key_pem);
    X509* own = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr);
    const bool done = own != nullptr && key != nullptr &&
                      SSL_CTX_use_certificate(identity->context_, own) == 1 &&
                      SSL_CTX_use_PrivateKey(identity->context_, key) == 1;
    X509_free(own);
    EVP_PKEY_free(key);
    if (!done) return invalid("the server's certificate or key cannot be read");
    return identity;
}

TlsIdentity::~TlsIdentity() {
    SSL_CTX_free(context_);
}

Wire::Wire(int socket, int stop, const Shape& shape, const ServerClock& clock)
    : socket_(socket), stop_(stop), shape_(shape), clock_(clock) {}

Wire::~Wire() {
    SSL_free(tls_);
    ::close(socket_);
}

Status Wire::start_tls(const TlsIdentity& identity) {
    tls_ = SSL_new(identity.context());
    SSL_set_fd(tls_, socket_);
    if (SSL_accept(tls_) == 1) return ok();
    ERR_clear_error();
    return unavailable("the TLS handshake failed");
}

std::size_t Wire::piece(std::size_t size) const {
    return std::min(size, shape_.bytes_per_second > 0 ? kShapedPiece : kPiece);
}

Result<std::size_t> Wire::receive(char* out, std::size_t size) {
    const ssize_t count =
        tls_ != nullptr
            ? SSL_read(tls_, out, static_cast<int>(std::min<std::size_t>(size, 1 << 20)))
            : ::recv(socket_, out, size, 0);
    if (count <= 0) {
        ERR_clear_error();
        return gone();
    }
    pace(static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count);
}

Status Wire::fill() {
    std::array<char, 16 * 1024> bytes{};
    const auto got = receive(bytes.data(), bytes.size());
    if (!got) return got.error();
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_.append(bytes.data(), *got);
    return ok();
}

Result<std::size_t> Wire::read_some(char* out, std::size_t size) {
    std::size_t count = std::min(size, buffer_.size() - at_);
    if (count > 0) {
        std::copy_n(buffer_.data() + at_, count, out);
        at_ += count;
    } else {
        const auto got = receive(out, piece(size));
        if (!got) return got;
        count = *got;
    }
    if (auto sprung = spring(count); !sprung) return sprung.error();
    return count;
}

Result<std::size_t> Wire::skip_some(std::size_t size) {
    std::size_t count = std::min(size, buffer_.size() - at_);
    if (count > 0) {
        at_ += count;
    } else if (tls_ == nullptr) {
        // MSG_TRUNC on a stream drops the bytes in the kernel, without copying (tcp(7)).
        const ssize_t got =
            ::recv(socket_, nullptr, std::min<std::size_t>(piece(size) * 16, size), MSG_TRUNC);
        if (got <= 0) return gone();
        count = static_cast<std::size_t>(got);
        pace(count);
    } else {
        static thread_local std::array<char, kPiece> unused;
        const auto got = receive(unused.data(), piece(std::min(size, unused.size())));
        if (!got) return got;
        count = *got;
    }
    if (auto sprung = spring(count); !sprung) return sprung.error();
    return count;
}

Result<std::string> Wire::read_line() {
    while (true) {
        const std::size_t end = buffer_.find("\r\n", at_);
        if (end != std::string::npos) {
            std::string line = buffer_.substr(at_, end - at_);
            at_ = end + 2;
            return line;
        }
        if (buffer_.size() - at_ > kHeadMax) return invalid("a line is too long");
        if (auto filled = fill(); !filled) return filled.error();
    }
}

Result<std::string> Wire::read_head() {
    while (true) {
        const std::size_t end = buffer_.find("\r\n\r\n", at_);
        if (end != std::string::npos) {
            std::string head = buffer_.substr(at_, end - at_);
            at_ = end + 4;
            return head;
        }
        if (buffer_.size() - at_ > kHeadMax) return invalid("the head is too long");
        const bool is_between = at_ == buffer_.size();
        if (auto filled = fill(); !filled) return is_between ? not_found("closed") : filled.error();
    }
}

Status Wire::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t wanted = piece(bytes.size());
        const ssize_t count = tls_ != nullptr
                                  ? SSL_write(tls_, bytes.data(), static_cast<int>(wanted))
                                  : ::send(socket_, bytes.data(), wanted, MSG_NOSIGNAL);
        if (count <= 0) {
            ERR_clear_error();
            return gone();
        }
        pace(static_cast<std::size_t>(count));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return ok();
}

void Wire::pace(std::size_t bytes) {
    if (shape_.bytes_per_second == 0) return;
    const Duration cost =
        microseconds(static_cast<std::int64_t>(bytes * 1'000'000 / shape_.bytes_per_second));
    free_from_ = std::max(free_from_, clock_.monotonic()) + cost;
    wait_until(free_from_);
}

bool Wire::wait_until(Instant time) const {
    pollfd stop{stop_, POLLIN, 0};
    while (clock_.monotonic() < time) {
        const std::int64_t left = (time - clock_.monotonic()).us / 1'000;
        if (::poll(&stop, 1, static_cast<int>(std::max<std::int64_t>(left, 1))) > 0) return false;
    }
    return true;
}

void Wire::wait_latency() {
    if (shape_.latency.us > 0) wait_until(clock_.monotonic() + shape_.latency);
}

void Wire::arm(std::uint64_t at, bool stalls) {
    trap_ = at;
    trap_stalls_ = stalls;
}

Status Wire::spring(std::size_t passed) {
    if (!trap_) return ok();
    if (passed < *trap_) {
        *trap_ -= passed;
        return ok();
    }
    return break_now();
}

Status Wire::break_now() {
    is_broken_ = true;
    if (!trap_stalls_) reset();
    return gone();
}

void Wire::hold() const {
    if (!is_broken_ || !trap_stalls_) return;
    std::array<pollfd, 2> both{pollfd{socket_, POLLRDHUP, 0}, pollfd{stop_, POLLIN, 0}};
    (void)::poll(both.data(), both.size(), -1);
}

void Wire::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    // An orderly shutdown of TLS would be an end, not a break.
    if (tls_ != nullptr) SSL_set_quiet_shutdown(tls_, 1);
}

void Wire::interrupt() {
    ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace herder::s3d
