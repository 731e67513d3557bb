#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/assert.h"
#include "base/bytes.h"

namespace herder {

namespace {

// Looked up once: with EVP_sha256(), OpenSSL 3 searches its providers in each call, which takes
// several times as long as to hash a short text.
const EVP_MD* algorithm() {
    static const EVP_MD* const kFound = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    HERDER_ASSERT(kFound != nullptr);
    return kFound;
}

constexpr std::size_t kBlock = 64;  // of SHA-256, which HMAC pads its key to

class Sha256 {
  public:
    Sha256() { begin(); }
    ~Sha256() { EVP_MD_CTX_free(context_); }
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void begin() { HERDER_ASSERT(EVP_DigestInit_ex(context_, algorithm(), nullptr) == 1); }
    void update(std::string_view data) {
        HERDER_ASSERT(EVP_DigestUpdate(context_, data.data(), data.size()) == 1);
    }
    std::string finish() {
        std::string out(32, '\0');
        HERDER_ASSERT(EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()),
                                         nullptr) == 1);
        return out;
    }

  private:
    EVP_MD_CTX* const context_ = EVP_MD_CTX_new();
};

// Of this thread, begun: to make one takes as long as to hash a short text.
Sha256& begun() {
    thread_local Sha256 digest;
    digest.begin();
    return digest;
}

}  // namespace

struct Sha256Stream::Impl {
    Sha256 digest;
};

Sha256Stream::Sha256Stream() : impl_(std::make_unique<Impl>()) {}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::update(std::string_view data) {
    impl_->digest.update(data);
}

std::string Sha256Stream::finish_hex() {
    return to_hex(impl_->digest.finish());
}

std::string sha256(std::string_view data) {
    Sha256& digest = begun();
    digest.update(data);
    return digest.finish();
}

std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    // RFC 2104. OpenSSL's own HMAC() searches its providers each time, too.
    std::string inner(key.size() > kBlock ? sha256(key) : std::string(key));
    inner.resize(kBlock, '\0');
    std::string outer = inner;
    for (char& c : inner)
        c = static_cast<char>(c ^ 0x36);
    for (char& c : outer)
        c = static_cast<char>(c ^ 0x5c);
    Sha256& digest = begun();
    digest.update(inner);
    digest.update(data);
    const std::string hash = digest.finish();
    digest.begin();
    digest.update(outer);
    digest.update(hash);
    OPENSSL_cleanse(inner.data(), inner.size());
    OPENSSL_cleanse(outer.data(), outer.size());
    return digest.finish();
}

bool equal_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace herder
