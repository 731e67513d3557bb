#include "adapters/objects/s3/rsa_key.h"

#include "adapters/objects/s3/google_key_fixture.h"

namespace herder::s3 {
namespace {

bool verifies(const std::string& text, const std::string& signature) {
    const std::string& pem = test_rsa_pair().public_pem;
    BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* key = PEM_read_bio_PUBKEY(memory, nullptr, nullptr, nullptr);
    BIO_free(memory);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
    const auto bytes = [](const std::string& of) {
        return reinterpret_cast<const unsigned char*>(of.data());
    };
    const int good =
        EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(text), text.size());
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good == 1;
}

TEST(RsaKey, SignsWhatItsPublicKeyVerifies) {
    const auto key = parse_rsa_key(test_rsa_pair().private_pem);
    ASSERT_TRUE(key) << key.error().message;
    const RsaKey copy = *key;
    for (const char* text : {"one", "two", ""}) {
        const auto signature = copy.sign(text);
        ASSERT_TRUE(signature);
        EXPECT_TRUE(verifies(text, *signature)) << text;
        EXPECT_FALSE(verifies("other", *signature));
    }
}

TEST(RsaKey, OtherTextsAreRefused) {
    for (const std::string& text :
         {std::string(), std::string("no key"), test_rsa_pair().public_pem}) {
        const auto key = parse_rsa_key(text);
        ASSERT_FALSE(key);
        EXPECT_NE(key.error().message.find("create a new JSON key"), std::string::npos);
    }
}

}  // namespace
}  // namespace herder::s3
