#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/assert.h"
#include "base/bytes.h"

namespace herder {

struct Sha256Stream::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Impl() { HERDER_ASSERT(EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1); }
    ~Impl() { EVP_MD_CTX_free(context); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
};

Sha256Stream::Sha256Stream() : impl_(std::make_unique<Impl>()) {}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::update(std::string_view data) {
    HERDER_ASSERT(EVP_DigestUpdate(impl_->context, data.data(), data.size()) == 1);
}

std::string Sha256Stream::finish_hex() {
    std::array<unsigned char, 32> out{};
    unsigned int size = 0;
    HERDER_ASSERT(EVP_DigestFinal_ex(impl_->context, out.data(), &size) == 1);
    return to_hex({reinterpret_cast<const char*>(out.data()), size});
}

std::string sha256(std::string_view data) {
    std::array<unsigned char, 32> out{};
    unsigned int size = 0;
    HERDER_ASSERT(EVP_Digest(data.data(), data.size(), out.data(), &size, EVP_sha256(), nullptr) ==
                  1);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::array<unsigned char, 32> out{};
    unsigned int size = 0;
    HERDER_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                       reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(),
                       &size) != nullptr);
    return {reinterpret_cast<const char*>(out.data()), size};
}

bool equal_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace herder
