#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/bytes.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

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

namespace {

std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78U : crc >> 1;
        table.at(i) = crc;
    }
    return table;
}

std::uint32_t crc32c_table(std::string_view data, std::uint32_t crc) {
    static const std::array<std::uint32_t, 256> kTable = make_crc_table();
    for (const char c : data)
        crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view data,
                                                             std::uint32_t crc) {
    const char* p = data.data();
    std::size_t left = data.size();
    std::uint64_t crc64 = crc;
    for (; left >= 8; left -= 8, p += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, p, 8);
        crc64 = _mm_crc32_u64(crc64, word);
    }
    crc = static_cast<std::uint32_t>(crc64);
    for (; left > 0; --left, ++p)
        crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*p));
    return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view data, std::uint32_t previous) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_sse42(data, ~previous);
#endif
    return ~crc32c_table(data, ~previous);
}

}  // namespace herder
