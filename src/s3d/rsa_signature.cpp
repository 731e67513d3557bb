#include "s3d/rsa_signature.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/bytes.h"

namespace herder::s3d {

bool is_signed_by(const std::string& public_key_pem, const std::string& text,
                  const std::string& signature) {
    const auto raw = from_hex(signature);
    if (!raw) return false;
    BIO* memory = BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size()));
    EVP_PKEY* key = PEM_read_bio_PUBKEY(memory, nullptr, nullptr, nullptr);
    BIO_free(memory);
    if (key == nullptr) return false;
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool is_valid =
        EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(raw->data()), raw->size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return is_valid;
}

}  // namespace herder::s3d
