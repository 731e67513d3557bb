#include "adapters/objects/s3/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace herder::s3 {

namespace {

struct ContextFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Result<RsaKey> parse_rsa_key(const std::string& private_key_pem) {
    BIO* memory = BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size()));
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr),
                                  [](EVP_PKEY* held) { EVP_PKEY_free(held); });
    BIO_free(memory);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
        return Error{ErrorCode::kUnauthenticated,
                     "the private key of the service account is not readable; create a new JSON "
                     "key for it"};
    }
    return RsaKey(std::move(key));
}

Result<std::string> RsaKey::sign(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, ContextFree> context(EVP_MD_CTX_new());
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
        return internal("signing with RSA failed");
    }
    std::string out(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                       text.size()) != 1) {
        return internal("signing with RSA failed");
    }
    out.resize(size);
    return out;
}

}  // namespace herder::s3
