#include "s3d/checksums.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

#include "base/assert.h"
#include "base/digest.h"

namespace herder::s3d {

namespace {

// Reflected polynomials. CRC-64/NVME: NVM Express base specification 2.0, section 5.2.1.3.4.
constexpr std::uint64_t kCrc32Polynomial = 0xEDB88320;
constexpr std::uint64_t kCrc64Polynomial = 0x9A6C9329AC4BC9B5;

constexpr std::array<std::uint64_t, 256> make_table(std::uint64_t polynomial) {
    std::array<std::uint64_t, 256> table{};
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        std::uint64_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1U) != 0 ? (value >> 1U) ^ polynomial : value >> 1U;
        table[static_cast<std::size_t>(i)] = value;
    }
    return table;
}

constexpr auto kCrc32Table = make_table(kCrc32Polynomial);
constexpr auto kCrc64Table = make_table(kCrc64Polynomial);

std::uint64_t step(const std::array<std::uint64_t, 256>& table, std::uint64_t crc,
                   std::string_view data) {
    for (const char c : data) {
        const auto index = static_cast<std::size_t>((crc ^ static_cast<unsigned char>(c)) & 0xFFU);
        crc = table[index] ^ (crc >> 8U);
    }
    return crc;
}

std::string big_endian(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>((value >> (8 * i)) & 0xFFU);
    return out;
}

const EVP_MD* evp_of(Algorithm algorithm) {
    if (algorithm == Algorithm::kMd5) return EVP_md5();
    if (algorithm == Algorithm::kSha1) return EVP_sha1();
    if (algorithm == Algorithm::kSha256) return EVP_sha256();
    return nullptr;
}

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<Algorithm> algorithm_of(std::string_view name) {
    for (const Algorithm algorithm : wire_algorithms()) {
        if (name == name_of(algorithm)) return algorithm;
    }
    return std::nullopt;
}

const char* name_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::kMd5:
            return "md5";
        case Algorithm::kSha1:
            return "sha1";
        case Algorithm::kSha256:
            return "sha256";
        case Algorithm::kCrc32:
            return "crc32";
        case Algorithm::kCrc32c:
            return "crc32c";
        case Algorithm::kCrc64Nvme:
            return "crc64nvme";
    }
    return "";
}

const std::vector<Algorithm>& wire_algorithms() {
    static const std::vector<Algorithm> all{Algorithm::kSha1, Algorithm::kSha256, Algorithm::kCrc32,
                                            Algorithm::kCrc32c, Algorithm::kCrc64Nvme};
    return all;
}

struct Digest::Impl {
    EVP_MD_CTX* context = nullptr;
    std::uint64_t crc = 0;
    Impl() = default;
    ~Impl() { EVP_MD_CTX_free(context); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
};

Digest::Digest(Algorithm algorithm) : algorithm_(algorithm), impl_(std::make_unique<Impl>()) {
    if (algorithm == Algorithm::kCrc32) impl_->crc = 0xFFFFFFFF;
    if (algorithm == Algorithm::kCrc64Nvme) impl_->crc = ~std::uint64_t{0};
    if (const EVP_MD* evp = evp_of(algorithm)) {
        impl_->context = EVP_MD_CTX_new();
        HERDER_ASSERT(EVP_DigestInit_ex(impl_->context, evp, nullptr) == 1);
    }
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;

void Digest::update(std::string_view data) {
    if (impl_->context != nullptr) {
        HERDER_ASSERT(EVP_DigestUpdate(impl_->context, data.data(), data.size()) == 1);
    } else if (algorithm_ == Algorithm::kCrc32c) {
        impl_->crc = crc32c(data, static_cast<std::uint32_t>(impl_->crc));
    } else {
        impl_->crc =
            step(algorithm_ == Algorithm::kCrc32 ? kCrc32Table : kCrc64Table, impl_->crc, data);
    }
}

std::string Digest::finish() {
    if (impl_->context != nullptr) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
        unsigned int size = 0;
        HERDER_ASSERT(EVP_DigestFinal_ex(impl_->context, out.data(), &size) == 1);
        return {reinterpret_cast<const char*>(out.data()), size};
    }
    if (algorithm_ == Algorithm::kCrc32c) return big_endian(impl_->crc, 4);
    if (algorithm_ == Algorithm::kCrc32) return big_endian(impl_->crc ^ 0xFFFFFFFF, 4);
    return big_endian(~impl_->crc, 8);
}

std::string digest_of(Algorithm algorithm, std::string_view data) {
    Digest digest(algorithm);
    digest.update(data);
    return digest.finish();
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8U | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += j <= count ? kAlphabet[group >> (18 - 6 * j) & 0x3FU] : '=';
    }
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string out;
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) return invalid("this is no base64");
        group = group << 6U | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>(group >> bits & 0xFFU);
    }
    return out;
}

}  // namespace herder::s3d
