#include "s3d/rsa_signature.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/bytes.h"

namespace herder::s3d {
namespace {

TEST(RsaSignature, IsThatOfTheTextByTheKey) {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key);
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory, &data);
    const std::string pem(data, static_cast<std::size_t>(length));
    BIO_free(memory);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string raw(256, '\0');
    std::size_t size = raw.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key);
    ASSERT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(raw.data()), &size,
                             reinterpret_cast<const unsigned char*>("text"), 4),
              1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    EXPECT_TRUE(is_signed_by(pem, "text", to_hex(raw)));
    EXPECT_FALSE(is_signed_by(pem, "tixt", to_hex(raw)));
    raw[9] ^= 1;
    EXPECT_FALSE(is_signed_by(pem, "text", to_hex(raw)));
    EXPECT_FALSE(is_signed_by(pem, "text", "no hex"));
    EXPECT_FALSE(is_signed_by("no key", "text", to_hex(raw)));
}

}  // namespace
}  // namespace herder::s3d
